// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

extension CellVerdict {
    /// Adds what the kernels did, where they were traced.
    func addMechanism(to table: inout TextTable) {
        guard let mechanism else { return }
        table.add(.note(mechanism.heading))
        for row in mechanism.shownRows {
            table.add(TextParagraph(row.text, role: .faint, indent: 4, hanging: 2))
        }
        for note in mechanism.notes {
            table.add(TextParagraph(note, role: .faint, indent: 4, hanging: 2))
        }
    }
}

extension MechanismComparison {
    /// How to read the rows.
    static let reading =
        "Mechanism: ± is the 95% interval over the traced slices of one boot; a value without it was "
        + "the same in all of them, or is of all together. B - A is told where its Welch interval "
        + "does not contain 0; ~ where it does, = where both are exact and equal."

    /// What stands above the rows: where the figures come from.
    var heading: String {
        let slices = arms.map { $0?.slices ?? 0 }
        let count =
            slices[0] == slices[1]
            ? Decimal.count(slices[0], "traced slice")
            : "A \(slices[0]), B \(slices[1]) traced slices"
        let dropped = arms.reduce(0) { $0 + ($1?.dropped ?? 0) }
        if slices == [0, 0] {
            return dropped > 0
                ? "mechanism: not counted, the kernel dropped \(dropped) events"
                : "mechanism: not counted, no operation completed while it was traced"
        }
        let slower = zip(["A", "B"], slowdown).compactMap { name, percent in
            percent.map { "\(name) \(Decimal.fixed(max(0, $0), 0))%" }
        }
        let cost = slower.isEmpty ? "" : "; tracing slowed \(slower.joined(separator: ", "))"
        return "mechanism, from visits of its own (\(count), which count for no time\(cost)), "
            + "A -> B:"
    }

    /// The rows to show: without those that are 0 on both arms, unless that is an answer, and without
    /// functions that have little of what was counted.
    var shownRows: [Row] {
        rows.filter { row in
            (!row.isZero || isAnswer(row.quantity))
                && (row.function == nil || row.share(of: self) >= 0.05)
        }
    }

    /// Whether 0 says something: that a cache serves no such request, that no wait is for a reclaim
    /// that there was, or that workers reclaim, but never for a request's structure.
    private func isAnswer(_ quantity: MechanismCount.Quantity) -> Bool {
        switch quantity {
        case .sheafRefills: false
        case .structureReclaims: self[.workerReclaims]?.isZero == false
        case .waitsInReclaim:
            [.workerReclaims, .hogReclaims, .otherReclaims].contains { self[$0]?.isZero == false }
        default: quantity.isOfPart
        }
    }

    /// What is not shown and why, and what is wrong with slices that are.
    var notes: [String] {
        var notes: [String] = []
        if self[.lockedPages] == nil, let pages = self[.pages], !pages.isZero {
            notes.append(
                "pages allocated under a mutex: not counted; the kernel has no function tracer "
                    + "(CONFIG_FUNCTION_TRACER), or hides its functions (kernel.kptr_restrict=2)")
        }
        for (name, arm) in zip(["A", "B"], arms) {
            guard let arm, arm.slices > 0 else { continue }
            if let small = arm.smallSlices {
                let few = "fewer than \(CellMechanism.leastEvents) operations completed"
                let which =
                    small == arm.slices
                    ? "not shown; \(few) in each slice"
                    : "without \(Decimal.count(small, "slice")), in which \(few)"
                notes.append(
                    "counts an operation of \(name): \(which), so that what is in flight when a "
                        + "slice begins and ends would distort them")
            }
            for (reason, count) in (arm.voids ?? [:]).sorted(by: { $0.key < $1.key }) {
                notes.append(
                    "\(Decimal.count(count, "slice")) of \(name) counted, although void each time: "
                        + reason)
            }
            if arm.dropped > 0 {
                notes.append(
                    "further slices of \(name) are left out: the kernel dropped "
                        + "\(Decimal.count(arm.dropped, "event"))")
            }
        }
        return notes
    }

    /// The most important of them, for a mail: what is held under a lock, how long workers wait for
    /// it, and what a request allocates.
    var mailLines: [String] {
        [.lockedPages, .waitP99, .structures].compactMap { quantity in
            self[quantity].flatMap { $0.isZero ? nil : $0.text }
        }
    }
}

extension MechanismComparison.Row {
    /// `pages allocated`, or of a function `pages allocated in anon_pipe_write`.
    var name: String { function.map { "\(quantity.rawValue) in \($0)" } ?? quantity.rawValue }

    /// `pages allocated under a mutex: 14.0 -> 6.00 pages/op (-8.00)`.
    var text: String {
        let values = figures.map { $0.map(valueText) ?? "-" }
        let change = change.map { " (\($0))" } ?? ""
        return "\(name): \(values[0]) -> \(values[1])\(unit)\(change)"
    }

    /// `-8.00`, and `-8.00 ± 0.21` where slices vary: with Welch's interval. `~` where that contains
    /// 0, `=` for counts that are exact and equal, nil where there are too few slices.
    var change: String? {
        guard let difference else { return nil }
        guard difference.isShown else { return difference.interval == nil ? "=" : "~" }
        return (difference.value < 0 ? "-" : "+")
            + text(abs(difference.value), difference.interval)
    }

    /// The unit behind a value; a time has its own.
    private var unit: String {
        switch quantity.unit {
        case "ns": ""
        case let unit where unit.first == "%" || unit.first == "/": unit
        case let unit: " \(unit)"
        }
    }

    /// `14.0`, and `14.0 ± 0.21` where slices vary.
    func valueText(_ figure: MechanismComparison.Figure) -> String {
        text(figure.mean, figure.interval)
    }

    private func text(_ value: Double, _ interval: Interval?) -> String {
        guard let interval else { return number(value) }
        return "\(number(value)) ± \(number((interval.upper - interval.lower) / 2))"
    }

    private func number(_ value: Double) -> String {
        if quantity == .waitP99 { return Decimal.time(nanoseconds: value) }
        if value == 0 { return "0" }
        if value < 0.001 { return "<0.001" }
        return value < 0.1 ? Decimal.fixed(value, 3) : Decimal.significant(value, 3)
    }

    /// The greater part that a function has on an arm of all that its quantity has there.
    fileprivate func share(of comparison: MechanismComparison) -> Double {
        guard let all = comparison[quantity] else { return 1 }
        return zip(figures, all.figures).map { own, all in
            guard let own, let all, all.mean > 0 else { return 0 }
            return own.mean / all.mean
        }.max() ?? 0
    }
}
