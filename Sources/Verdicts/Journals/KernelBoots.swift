// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Journal
import Protocol

/// The boots of one kernel, from journals that may hold another kernel's too.
struct KernelBoots {
    /// A journal, and the arms in which it has the kernel; none for a run, which has no arms.
    fileprivate struct Part {
        let journal: StoredJournal
        let arms: [Arm]
    }

    private let parts: [Part]
    /// By cell, its slices on the kernel in all journals.
    private var totals: [String: ArmTotal] = [:]

    /// Takes one arm of each journal; a journal that compares a kernel with itself gives both.
    init(_ journals: [StoredJournal], _ arm: Arm) {
        parts = journals.map { journal in
            Part(journal: journal, arms: Self.arms(of: journal.header, arm))
        }
        for part in parts { count(part) }
    }

    private mutating func count(_ part: Part) {
        let lost = Set(part.journal.voidRounds.map(\.round))
        let cells = part.journal.header.suite.cells.indices
        for slice in cells.lazy.flatMap({ part.journal.slices(of: $0) }) where !slice.isWarmup {
            guard slice.arm.map(part.arms.contains) ?? part.arms.isEmpty,
                !(slice.round.map(lost.contains) ?? false)
            else { continue }
            totals[slice.cell, default: ArmTotal()].count(slice)
            if part.journal.counts(slice) { totals[slice.cell]?.add(slice) }
        }
    }

    /// The log rates of a cell, one a boot; of two arms that ran side by side, their mean.
    func logRates(of cell: String) -> [Double] { parts.flatMap { $0.logRates(of: cell) } }

    /// How many journals have boots of a cell.
    func sessions(of cell: String) -> Int { parts.count { !$0.logRates(of: cell).isEmpty } }

    /// A cell's slices in all journals.
    func total(of cell: String) -> ArmTotal { totals[cell] ?? ArmTotal() }

    /// Why a cell could not run.
    func failure(of cell: String) -> JournalEvent.CellFailure? {
        parts.flatMap { part in
            part.journal.failures.filter { failure in
                failure.cell == cell && (failure.arm.map(part.arms.contains) ?? true)
            }
        }.first
    }

    /// The image that booted; of a machine itself its kernel.
    var image: String { parts.first?.image ?? "" }

    /// Whether its boots had layouts that differ, so that the layout is among what varies.
    var layoutsVary: Bool {
        parts.contains { part in
            let rounds = Set(part.journal.rounds.map(\.round))
            let layouts = RoundLayouts(part.journal.rounds)
            return part.arms.contains { layouts.count($0, in: rounds) >= RoundLayouts.least }
        }
    }

    /// Each reason why the boots of two kernels do not belong together.
    static func mismatches(_ a: KernelBoots, _ b: KernelBoots) -> [String] {
        var reasons: [String] = []
        for (name, side) in [("A", a), ("B", b)] {
            let kernels = Set(side.parts.map(\.kernel)).sorted()
            if kernels.count > 1 {
                reasons.append("\(name) is not one kernel: \(kernels.joined(separator: "; "))")
            }
        }
        let all = a.parts + b.parts
        let names = all.map { "\($0.journal.header.id) \($0.journal.header.startedAt)" }
        if Set(names).count < names.count { reasons.append("a journal is given twice") }
        if all.contains(where: { $0.journal.header.metric == .instructions }) {
            reasons.append("instructions are compared within one journal")
        }
        guard let first = all.first else { return reasons }
        for part in all.dropFirst() {
            let found =
                JournalMismatch.all(first.header, part.header)
                + JournalMismatch.lengths(first.journal, part.journal) + first.zeroing(part)
            for mismatch in found {
                let reason = "the \(mismatch.field) differs: \(mismatch.a) and \(mismatch.b)"
                if !reasons.contains(reason) { reasons.append(reason) }
            }
        }
        return reasons
    }

    private static func arms(of header: JournalHeader, _ arm: Arm) -> [Arm] {
        guard let comparison = header.comparison else { return [] }
        let (a, b) = (comparison.arms.a, comparison.arms.b)
        let isOne =
            comparison.knobs.isEmpty && a.label == b.label && a.guest?.image == b.guest?.image
        return isOne ? Arm.allCases : [arm]
    }
}

extension KernelBoots.Part {
    /// The header without what is said of the other kernel.
    fileprivate var header: JournalHeader {
        var header = journal.header
        header.plan.guest = side?.guest ?? header.guest
        header.plan.comparison = nil
        if let machine = side?.host {
            header.plan.host = machine
            header.host = booted ?? header.host
        }
        return header
    }

    fileprivate var image: String {
        side?.guest?.image ?? journal.header.guest?.image
            ?? (booted ?? journal.header.host).kernel
    }

    fileprivate var kernel: String {
        [side?.label, image].compactMap { $0 }.joined(separator: ", ")
    }

    fileprivate func logRates(of cell: String) -> [Double] {
        let cells = journal.header.suite.cells
        guard let place = cells.firstIndex(where: { $0.name == cell }) else { return [] }
        guard !arms.isEmpty else { return [journal.total(of: place)].compactMap(logFigure) }
        let plan = journal.header.plan
        let units = CellBlocks(journal.blocks(at: place), roundBlocks: plan.roundBlocks).units
        let values = units.compactMap { unit in
            mean(arms.compactMap { logFigure($0 == .a ? unit.a : unit.b) })
        }
        return plan.bootsRounds ? values : [mean(values)].compactMap { $0 }
    }

    fileprivate func zeroing(_ other: Self) -> [JournalMismatch] {
        guard let first = initOnAlloc, let second = other.initOnAlloc, first != second else {
            return []
        }
        return [JournalMismatch(field: "init_on_alloc", a: "\(first)", b: "\(second)")]
    }

    private var side: ComparisonRecord.Arm? {
        guard let arm = arms.first, let both = journal.header.comparison?.arms else { return nil }
        return arm == .a ? both.a : both.b
    }

    /// What the kernel's last boot greeted with; nil where no arm boots. The header's greeting may
    /// be another kernel's: that of a machine before its first reboot, or the controller's.
    private var booted: Hello? {
        journal.rounds.compactMap { round in arms.first.flatMap { round.hosts[$0] } }.last
    }

    private var initOnAlloc: Int? {
        (booted ?? (arms.isEmpty ? journal.header.host : nil))?.initOnAlloc
    }

    private func logFigure(_ total: ArmTotal) -> Double? {
        let figure =
            journal.header.countsInstructions
            ? total.instructionsPerOperation : total.value ?? total.rate
        return figure.flatMap { $0 > 0 ? log($0) : nil }
    }

    private func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
