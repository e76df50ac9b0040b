// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Verdicts

extension CellVerdict {
    /// Adds what the kernels did, where they were traced.
    func addMechanism(to table: inout TextTable) {
        guard let mechanism else { return }
        table.add(.note(mechanism.heading))
        for row in mechanism.shownRows {
            table.add(TextParagraph(row.text, role: .faint, indent: 4, hanging: 2))
        }
        if let missing = mechanism.missing {
            table.add(TextParagraph(missing, role: .faint, indent: 4, hanging: 2))
        }
    }
}

extension MechanismComparison {
    /// What stands above the rows: where the figures come from.
    var heading: String {
        let slices = arms.map { $0?.slices ?? 0 }
        let count = slices[0] == slices[1] ? "\(slices[0])" : "A \(slices[0]), B \(slices[1])"
        let dropped = arms.reduce(0) { $0 + ($1?.slices == 0 ? $1?.dropped ?? 0 : 0) }
        if slices == [0, 0] {
            return dropped > 0
                ? "mechanism: not counted, the kernel dropped \(dropped) events"
                : "mechanism: not counted, no operation completed while it was traced"
        }
        let slower = zip(["A", "B"], slowdown).compactMap { name, percent in
            percent.map { "\(name) \(Decimal.fixed(max(0, $0), 0))%" }
        }
        let cost = slower.isEmpty ? "" : "; tracing slowed \(slower.joined(separator: ", "))"
        return "mechanism, from visits of its own (\(count) traced slices, which count for no "
            + "time\(cost)), A -> B:"
    }

    /// The rows to show: without those that are 0 on both arms, unless that is an answer, and without
    /// functions that have little of what was counted.
    var shownRows: [Row] {
        rows.filter { row in
            (!row.isZero || isAnswer(row.quantity))
                && (row.function == nil || row.share(of: self) >= 0.05)
        }
    }

    /// Whether 0 says something: that a cache serves no such request, or that workers reclaim, but
    /// never for a request's structure.
    private func isAnswer(_ quantity: MechanismCount.Quantity) -> Bool {
        quantity.isOfPart && quantity != .sheafRefills
            || quantity == .structureReclaims && self[.workerReclaims]?.isZero == false
    }

    /// What a kernel does not show, and why, in a line; nil where nothing is missing.
    var missing: String? {
        guard self[.lockedPages] == nil, let pages = self[.pages], !pages.isZero else { return nil }
        return "pages allocated under a mutex: not counted; the kernel has no function tracer "
            + "(CONFIG_FUNCTION_TRACER), or hides its functions (kernel.kptr_restrict=2)"
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
        let change = difference.map { " (\(signed($0)))" } ?? ""
        return "\(name): \(values[0]) -> \(values[1])\(unit)\(change)"
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
        let mean = number(figure.mean)
        guard let interval = figure.interval else { return mean }
        let radius = (interval.upper - interval.lower) / 2
        return "\(mean) ± \(number(radius))"
    }

    /// A difference with its sign.
    func signed(_ difference: Double) -> String {
        (difference < 0 ? "-" : "+") + number(abs(difference))
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
