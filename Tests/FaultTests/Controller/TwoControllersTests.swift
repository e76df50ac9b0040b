// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import LabSupport
import Linux
import Testing

/// Two controllers on one machine do not undo each other's changes.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct TwoControllersTests {
    @Test func twoRunsUnderLimitsMeasureAllTheirSlices() throws {
        let before = Leftovers.now()
        let longer = ["--slices", "100"]
        let (first, second) = (try ShortExperiment(.run), try ShortExperiment(.run))
        try first.start(longer)
        try first.awaitLines(1)
        try second.start()
        for experiment in [second, first] {
            let exit = try experiment.wait()
            #expect(ShortExperiment.isRegular(exit), "\(exit): \(experiment.printed)")
            let stored = try StoredJournal(readingFrom: experiment.journal)
            #expect(stored.failures.isEmpty)
            let planned = stored.header.plan.suite.slices
            for cell in stored.header.plan.suite.cells.map(\.name) {
                #expect(stored.slices.count { $0.cell == cell } == planned)
            }
        }
        try before.expectNone()
    }

    @Test func theSecondToggleOfAKnobIsRefused() throws {
        let before = Leftovers.now()
        let first = try ShortExperiment(.toggle)
        try first.start(["--blocks", "40"])
        try first.awaitLines(1)
        let second = try ShortExperiment(.toggle)
        // The first one's knob.
        let shared = "file:\(first.scratch.path)/knob=70,20"
        let words = second.command().map { $0.hasPrefix("file:") ? shared : $0 }
        let refused = try Command.run(words)
        #expect(refused.exit == .exited(1))
        #expect(
            refused.output.contains("\(first.scratch.path)/knob is switched by another plumbline"),
            "\(refused.output)")
        #expect(!SystemFile.exists(second.journal))
        // It has not written to it: the first one's values only.
        #expect(["60", "10"].contains(first.knob))
        let exit = try first.wait()
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(first.printed)")
        #expect(first.knob == ShortExperiment.original)
        let after = try Command.run(words)
        #expect(ShortExperiment.isRegular(after.exit), "\(after.output)")
        #expect(first.knob == ShortExperiment.original)
        try before.expectNone()
    }

    @Test func aKnobThatBothProcessesOfAKilledRunLeftIsRestoredByTheNext() throws {
        let before = Leftovers.now()
        let killed = try ShortExperiment(.toggle)
        try killed.start()
        try killed.awaitLines(2)
        if let agent = killed.agent { try ChildProcess(id: agent).kill(ChildProcess.stopSignal) }
        let agent = killed.agent
        let wasKilled = try killed.kill()
        if let agent { try? ChildProcess(id: agent).kill() }
        try #require(wasKilled)
        #expect(["60", "10"].contains(killed.knob))
        let exit = try killed.run()
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(killed.printed)")
        #expect(killed.knob == ShortExperiment.original)
        _ = try Command.run([Built.plumbline, "doctor", "--restore"])
        try before.expectNone()
    }

    @Test func aJournalHasOneWriter() throws {
        let before = Leftovers.now()
        let first = try ShortExperiment(.run)
        try first.start(["--slices", "100"])
        try first.awaitLines(1)
        let words = first.command()
        for resumes in [false, true] {
            let refused = try Command.run(words.filter { resumes || $0 != "--resume" })
            #expect(refused.exit == .exited(1))
            #expect(
                refused.output.contains("\(first.journal): another plumbline is writing to it"),
                "\(refused.output)")
        }
        let exit = try first.wait()
        #expect(ShortExperiment.isRegular(exit), "\(exit): \(first.printed)")
        let stored = try StoredJournal(readingFrom: first.journal)
        #expect(stored.ending?.state == .finished)
        try before.expectNone()
    }
}
