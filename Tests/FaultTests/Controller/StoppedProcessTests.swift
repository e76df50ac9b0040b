// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import LabSupport
import Linux
import TestSupport
import Testing

/// A controller or an agent that stands still for a while, by SIGSTOP, goes on or says what happened.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct StoppedProcessTests {
    /// Longer than any limit of silence.
    private static let minute: UInt64 = 60_000_000_000
    /// Shorter than the limit of silence.
    private static let moment: UInt64 = 3_000_000_000

    /// An experiment long enough to be stopped in the middle.
    private static let longer = ["--slices", "60"]

    @Test func aControllerThatStandsStillForAMinuteGoesOn() throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(.run)
        try experiment.start(Self.longer)
        try experiment.awaitLines(1)
        try Self.stop([experiment.process?.id], for: Self.minute)
        let exit = try experiment.wait()
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
        try Self.expectAllSlices(of: experiment)
        try before.expectNone()
    }

    @Test func anAgentThatStandsStillForAMomentGoesOn() throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(.run)
        try experiment.start(Self.longer)
        try experiment.awaitLines(1)
        try Self.stop([experiment.agent], for: Self.moment)
        let exit = try experiment.wait()
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
        try Self.expectAllSlices(of: experiment)
        try before.expectNone()
    }

    @Test func bothStandStillForAMomentAndGoOn() throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(.run)
        try experiment.start(Self.longer)
        try experiment.awaitLines(1)
        try Self.stop([experiment.process?.id, experiment.agent], for: Self.moment)
        let exit = try experiment.wait()
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
        try Self.expectAllSlices(of: experiment)
        try before.expectNone()
    }

    // The agent is asked for a sign of life only while an order runs: it is stopped between its
    // start and its end whatever it does then.
    @Test func anAgentThatNeverGoesOnIsReplaced() throws {
        let before = Leftovers.now()
        let experiment = try ShortExperiment(.run)
        experiment.isQuiet = false
        try experiment.start(Self.longer)
        try experiment.awaitLines(1)
        let agent = try #require(experiment.agent)
        try ChildProcess(id: agent).kill(ChildProcess.stopSignal)
        let exit = try experiment.wait()
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
        #expect(
            experiment.printed.contains("the agent gave no sign of life for 10 s and was killed"),
            "\(experiment.printed)")
        try Self.expectAllSlices(of: experiment)
        try before.expectNone()
    }

    /// Stops processes for a time.
    private static func stop(_ ids: [Int32?], for time: UInt64) throws {
        let processes = try ids.map { ChildProcess(id: try #require($0)) }
        for process in processes { try process.kill(ChildProcess.stopSignal) }
        defer { for process in processes { try? process.kill(ChildProcess.continueSignal) } }
        try Clock.sleep(nanoseconds: time)
    }

    /// Each planned slice is in the journal once, and the experiment is finished.
    private static func expectAllSlices(of experiment: ShortExperiment) throws {
        let stored = try StoredJournal(readingFrom: experiment.journal)
        #expect(stored.ending?.state == .finished)
        for cell in stored.header.plan.suite.cells.map(\.name) {
            let numbers = stored.slices.filter { $0.cell == cell }.map(\.number)
            #expect(numbers == Array(0..<stored.header.plan.suite.slices), "\(cell)")
        }
    }
}
