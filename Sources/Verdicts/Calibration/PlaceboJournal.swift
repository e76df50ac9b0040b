// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// A journal whose two arms are the same, and how it is cut into comparisons.
struct PlaceboJournal {
    let journal: StoredJournal
    /// Units of each comparison: rounds of boots, or blocks where all ran in one boot.
    let units: Int
    /// The default rule for one cell of one comparison.
    let rule: ComparisonRule

    /// Takes a journal of a placebo.
    ///
    /// - Parameter name: the journal's name, for errors.
    /// - Throws: `usage` when the arms differ, or when the blocks are not those that a rule settled
    ///   before the first slice.
    init(_ journal: StoredJournal, name: String) throws(PlumblineError) {
        self.journal = journal
        let plan = journal.header.plan
        guard let comparison = plan.comparison else {
            throw Self.refusal(name, "it has one arm", remedy: "take the journals of comparisons")
        }
        let difference =
            comparison.areTwoMachines ? Self.machines(journal) : Self.difference(of: comparison)
        if let difference = difference ?? Self.kernels(journal) {
            throw Self.refusal(
                name, difference,
                remedy: "take journals of one kernel or machine compared with itself, or of a knob "
                    + "whose two values are the same")
        }
        guard plan.metric == .time else {
            throw Self.refusal(
                name, "its metric is \(plan.metric.rawValue)", remedy: "take comparisons by time")
        }
        guard journal.ending?.state == .finished else {
            throw Self.refusal(
                name, "it ended before its planned end, or has not ended",
                remedy: "complete it: repeat its command with --resume")
        }
        let isCut = comparison.placeboUnits != nil
        guard comparison.rule == (isCut ? .fixed : .budget) else {
            throw Self.refusal(
                name, "it was not measured by the default rule",
                remedy: "compare with --budget or --blocks, without --until-decided")
        }
        units = comparison.placeboUnits ?? plan.plannedUnits ?? comparison.blocks
        rule = try Self.rule(plan, comparison, units: units)
    }

    /// In what the arms differ, in words; nil where they are the same.
    static func difference(of comparison: ComparisonRecord) -> String? {
        if let knob = comparison.knobs.first(where: { $0.a != $0.b }) {
            return "its arms differ in \(knob.target): \(knob.a) and \(knob.b)"
        }
        guard comparison.knobs.isEmpty else { return nil }
        guard var a = comparison.arms.a.guest, var b = comparison.arms.b.guest else {
            return "it does not say which images its arms booted"
        }
        a.dropClockRate()
        b.dropClockRate()
        if a.image != b.image { return "its arms are two images: \(a.image) and \(b.image)" }
        if a.commandLine != b.commandLine {
            return "its arms differ in the kernel command line: '\(a.commandLine)' and "
                + "'\(b.commandLine)'"
        }
        return a == b ? nil : "its arms are two machines"
    }

    /// Why the addresses of the arms are not known to be one machine's; nil where they are.
    private static func machines(_ journal: StoredJournal) -> String? {
        let areOne = journal.rounds.allSatisfy { round in
            guard let a = round.hosts[.a], let b = round.hosts[.b] else { return false }
            return a.isSameBoot(as: b)
        }
        return areOne ? nil : "its arms are two machines, or their boot ids are not known"
    }

    /// In what the kernels that greeted differ: an image may have been replaced. One layout is one
    /// image, whichever arm ran it.
    private static func kernels(_ journal: StoredJournal) -> String? {
        var builds: [Int: Set<String>] = [:]
        for round in journal.rounds {
            for (arm, host) in round.hosts {
                guard let build = host.buildID else { continue }
                builds[round.layouts?[arm] ?? 0, default: []].insert(build)
            }
        }
        guard let differing = builds.values.first(where: { $0.count > 1 }) else { return nil }
        let words = differing.sorted().joined(separator: " and ")
        return "its arms ran kernels of different build ids: \(words)"
    }

    private static func rule(
        _ plan: Plan, _ comparison: ComparisonRecord, units: Int
    ) throws(PlumblineError) -> ComparisonRule {
        var one = comparison
        one.rule = .budget
        one.blocks = units * (plan.roundBlocks ?? 1)
        // One machine by two addresses has one image.
        if comparison.areTwoMachines { one.arms.b = one.arms.a }
        if comparison.placeboUnits != nil {
            one.rounds = comparison.rounds == nil ? nil : units
            one.looks = GroupSequential.looks(units: units)
        }
        var alone = plan
        alone.comparison = one
        return try ComparisonRule(one, cells: 1, of: alone)
    }

    private static func refusal(
        _ name: String, _ why: String, remedy: String
    ) -> PlumblineError {
        .usage("\(name) is not a finished A/A comparison: \(why)", remedy: remedy)
    }

    /// The comparisons of each cell, in the order of the suite.
    var cuts: [PlaceboCut] {
        let plan = journal.header.plan
        let units = plan.comparison?.placeboUnits
        return journal.blocks.map {
            PlaceboCut($0, units: units, roundBlocks: plan.roundBlocks)
        }
    }

    /// Refuses journals that are the same one, or whose figures do not belong together.
    static func refuseUnlike(
        _ journals: [PlaceboJournal], names: [String]
    ) throws(PlumblineError) {
        guard let first = journals.first else { return }
        var seen: [String: String] = [:]
        for (other, name) in zip(journals, names) {
            if let before = seen.updateValue(name, forKey: other.journal.header.id) {
                throw .usage(
                    "\(before) and \(name) are the same experiment: comparisons may not share blocks",
                    remedy: "give each journal once")
            }
            var unlike = JournalMismatch.all(first.journal.header, other.journal.header)
            unlike += JournalMismatch.lengths(first.journal, other.journal)
            if first.units != other.units {
                unlike.append(.init(field: "length", a: "\(first.units)", b: "\(other.units)"))
            }
            guard let one = unlike.first else { continue }
            throw .usage(
                "\(names[0]) and \(name) do not belong together: \(one.field) is \(one.a) and "
                    + "\(one.b)", remedy: "judge them apart")
        }
    }
}
