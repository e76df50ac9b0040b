// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Journal
import Protocol

/// One sitting of a comparison of two kernels: round after round of boots, in each of which both
/// arms are up together, or one after the other.
struct PairSitting: Sitting {
    /// Lost guests that are made good for by another round.
    private static let toleratedLosses = 3

    private let schedule: BlockSchedule
    private let planned: Int
    private let alternates: Bool
    /// Both arms in words.
    private let kernels: String
    private let report: @Sendable (RunProgress) -> Void
    /// An agent on this machine, for the facts of the journal's header.
    private var local: AgentDriver
    private var runner: BlockRunner<PairBench>
    private var nextRound: Int
    private var losses = 0

    /// A sitting that goes on from where the runner's courses are.
    ///
    /// - Parameters:
    ///   - planned: rounds of boots.
    ///   - alternates: whether the arms are up one after the other.
    ///   - nextRound: the number of the first one of this sitting.
    init(
        _ runner: BlockRunner<PairBench>, of kernels: String, schedule: BlockSchedule, planned: Int,
        alternates: Bool,
        nextRound: Int, local: AgentDriver, report: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.runner = runner
        self.kernels = kernels
        self.schedule = schedule
        self.planned = planned
        self.alternates = alternates
        self.nextRound = nextRound
        self.local = local
        self.report = report
    }

    mutating func run(
        _ writer: JournalWriter, greeted: (Hello) throws(PlumblineError) -> Void
    ) async throws(PlumblineError) -> RunController.Outcome {
        let (report, kernels) = (report, kernels)
        let (slices, time) = (runner.slicesLeft, runner.remaining())
        try await conduct(writer) { (hello) throws(PlumblineError) in
            try greeted(hello)
            report(.started(kernel: kernels, slices: slices, remaining: time))
        }
        return runner.outcome
    }

    mutating func greeting() async throws(PlumblineError) -> Hello {
        let hello = try await local.greeting()
        await local.end()
        return hello
    }

    mutating func end() async {
        await local.end()
        await runner.bench.end()
    }

    mutating func work(
        _ writer: JournalWriter
    ) async throws(PlumblineError) -> JournalEvent.Ending.State {
        while runner.goesOn {
            let round = nextRound
            nextRound += 1
            let first = schedule.firstArm(round: round)
            report(.round(number: round - losses, planned: max(planned, round - losses + 1)))
            runner.begin(round: round)
            runner.bench.begin()
            if alternates {
                try await alternate([first, first.other], round, writer)
            } else if try await boot([first, first.other], round, writer) {
                try await runner.run(writer)
            }
            await runner.bench.end()
            let loss = runner.bench.loss
            if runner.outcome.interrupted { return .interrupted }
            guard let loss else { continue }
            try void(round, loss, writer)
            if losses > Self.toleratedLosses { return .failed }
        }
        return .finished
    }

    /// Boots arms; whether they are up.
    private mutating func boot(
        _ arms: [Arm], _ round: Int, _ writer: JournalWriter
    ) async throws(PlumblineError) -> Bool {
        switch await runner.bench.boot(arms, round: round) {
        case .interrupted: runner.interrupt()
        case .lost: break
        case .up(let record):
            try writer.append(.round(record))
            return true
        }
        return false
    }

    /// One arm after the other: two slices of every cell in each boot.
    private mutating func alternate(
        _ arms: [Arm], _ round: Int, _ writer: JournalWriter
    ) async throws(PlumblineError) {
        for (place, arm) in arms.enumerated() {
            guard try await boot([arm], round, writer) else { return }
            try await runner.runHalf(of: round, place: place, on: arm, writer)
            if runner.bench.loss != nil || runner.outcome.interrupted { return }
            await runner.bench.end()
            // What turned out to be wrong with the first arm's guest only at its end.
            if runner.bench.loss != nil { return }
        }
    }

    private mutating func void(
        _ round: Int, _ loss: ArmLoss, _ writer: JournalWriter
    ) throws(PlumblineError) {
        try writer.append(
            .roundVoid(.init(round: round, arm: loss.arm, error: loss.error)))
        runner.void(round: round)
        losses += 1
        report(.cellFailed(cell: "arm \(loss.arm)", error: loss.error))
    }
}
