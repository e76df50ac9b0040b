// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

/// What a journal with two arms says of B against A: a verdict for each cell, and an exit code.
public struct VerdictReport: Sendable {
    /// What the journal is about.
    public let header: JournalHeader
    /// Arms, knobs and rule.
    public let comparison: ComparisonRecord
    /// The cells in the order of the suite.
    public internal(set) var cells: [CellVerdict]
    /// Cells that a filter left out; the verdicts of the others are those among all.
    package internal(set) var leftOut: [CellVerdict] = []
    /// Cells that measure the same by different means, each label with its pressure.
    public internal(set) var peers: [PeerGroup] = []
    /// The rounds of boots, those that are void among them.
    public let rounds: [RoundRecord]
    /// The rounds that do not count, and why.
    public let voidRounds: [RoundVoid]
    /// How the experiment ended; `nil` while it runs and after a kill.
    public let ending: JournalEvent.Ending.State?
    /// How long the kernels were traced; nil where they were not.
    public let tracing: TracingTime?
    /// What a person should know of the journal.
    public let warnings: [String]
    /// Whether the command that prints it was interrupted.
    public var isInterrupted = false
    /// Whether a gate lets "inconclusive" pass.
    public var inconclusiveIsOK = false
    /// What A/A comparisons on this machine showed, where there were any.
    public var calibration: CalibrationRecord?

    /// Judges a journal of any length, in a time that is linear in its slices.
    ///
    /// - Throws: `usage` for a journal without two arms, `failure` for a rule that cannot be used,
    ///   and when the journal cannot be read.
    public init(_ journal: StoredJournal) throws(PlumblineError) {
        let (header, rounds) = (journal.header, journal.rounds)
        self.header = header
        self.rounds = rounds
        guard let comparison = journal.header.comparison else {
            throw .usage(
                "the journal \(journal.header.id) has one arm, and nothing to compare",
                remedy: "compare two arms by `plumbline toggle`, or two kernels by `plumbline ab`")
        }
        self.comparison = comparison
        ending = journal.ending?.state
        tracing = TracingTime(journal)
        let latencies = try LatencyTable(journal, comparesTails: comparison.rule != .repeated)
        warnings = journal.warnings + latencies.warnings
        voidRounds = journal.voidRounds
        let rule = try ComparisonRule(
            comparison, cells: journal.header.suite.cells.count, of: journal.header.plan)
        let judged = Parallel.map(journal.header.suite.cells.count) { place in
            Result { () throws(PlumblineError) in
                try CellVerdict(
                    at: place, of: journal, comparison: comparison, rule: rule,
                    latencies: latencies)
            }
        }
        var cells: [CellVerdict] = []
        for cell in judged { cells.append(try cell.get()) }
        CellMatrix.adjust(&cells, level: comparison.alpha)
        if comparison.rule != .repeated {
            cells.takeApart(by: journal, level: comparison.alpha)
            peers = cells.peers(by: journal, level: comparison.alpha)
        }
        for index in cells.indices
        where comparison.areTwoMachines
            || comparison.machines != nil && cells[index].lacksCrossover
        {
            cells[index].requireOneMachine()
        }
        ClaimMatrix.judge(
            &cells, of: comparison,
            on: ClaimMachine(
                rounds.compactMap { $0.hosts[.b] }.last ?? header.host,
                guest: header.guest ?? comparison.arms.b.guest))
        for index in cells.indices { cells[index].noteLostRounds(voidRounds) }
        self.cells = cells
    }

    /// The machine that an arm ran on; the journal's own where arms have none.
    public func host(_ arm: Arm) -> Hello { ownHost(arm) ?? header.host }

    /// The machine that an arm booted on; nil when it never came up, or where arms share one.
    package func ownHost(_ arm: Arm) -> Hello? { rounds.compactMap { $0.hosts[arm] }.last }

    /// The greeting from a machine that swaps kernels with another; nil when it never came up.
    package func host(ofMachine address: String) -> Hello? {
        rounds.compactMap { round in
            Arm.allCases.first { round.boots?[$0]?.host == address }.flatMap { round.hosts[$0] }
        }.last
    }

    /// How many layouts an arm's kernel had in the rounds that are not void.
    package func layouts(_ arm: Arm) -> Int { RoundLayouts(rounds).count(arm, in: countedRounds) }

    /// The rounds that are not void, each once: arms that boot in turn have a record each.
    private var countedRounds: Set<Int> {
        Set(rounds.map(\.round)).subtracting(voidRounds.map(\.round))
    }

    /// The report of those cells that are to be shown.
    package func keeping(_ isShown: (CellVerdict) -> Bool) -> VerdictReport {
        var report = self
        report.leftOut += cells.filter { !isShown($0) }
        report.cells = cells.filter(isShown)
        let shown = Set(report.cells.map(\.plan.name))
        report.peers = peers.filter { $0.peers.contains { shown.contains($0.cell) } }
        return report
    }

    /// Whether the cells share an error rate with others, shown or not.
    package var isMatrix: Bool { cells.count + leftOut.count > 1 }

    /// How many cells have this verdict.
    public func count(_ outcome: Verdict.Outcome) -> Int { cells.count { $0.outcome == outcome } }

    /// 130 for an interrupted command; 5 when guests were lost again and again; 3 when a cell
    /// regressed; else 5 when one is invalid, 4 when one is inconclusive or only images differ, and
    /// 0.
    public var exitCode: Int32 {
        if isInterrupted { return 130 }
        if ending == .failed, !voidRounds.isEmpty { return 5 }
        if count(.regressed) > 0 { return 3 }
        if count(.invalid) > 0 || cells.isEmpty { return 5 }
        return count(.inconclusive) + count(.imagesDiffer) > 0 && !inconclusiveIsOK ? 4 : 0
    }
}
