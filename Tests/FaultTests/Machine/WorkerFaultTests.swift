// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// A worker is killed or stopped, or the agent is stopped.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct WorkerFaultTests {
    /// Starts a run, and sends signals to a process of it in a slice.
    private func signal(
        _ signals: [Int32], to choose: (MachineRun) -> Int32?
    ) throws -> MachineRun {
        let run = try MachineRun(Cells.pipe, slice: "1s", slices: 4)
        try run.start("run machine.yaml")
        try run.awaitSlices()
        try Clock.sleep(nanoseconds: 300_000_000)
        let process = try #require(choose(run), "\(run.printed)")
        for (place, signal) in signals.enumerated() {
            if place > 0 { try Clock.sleep(nanoseconds: 3_000_000_000) }
            try ChildProcess(id: process).kill(signal)
        }
        return run
    }

    @Test func aKilledWorkerVoidsItsSlice() throws {
        let run = try signal([ChildProcess.killSignal]) { $0.workers.first }
        try run.expectVoid("worker-failed", "a worker was killed by signal 9")
        #expect(!run.printed.contains("a longer --slice"), "\(run.printed)")
    }

    @Test func aWorkerThatIsStoppedForAWhileVoidsItsSlice() throws {
        let run = try signal([ChildProcess.stopSignal, ChildProcess.continueSignal]) {
            $0.workers.first
        }
        try run.expectVoid("paused", "a worker was stopped by a signal")
    }

    @Test func anAgentThatIsStoppedForAWhileVoidsItsSlice() throws {
        let run = try signal([ChildProcess.stopSignal, ChildProcess.continueSignal]) { $0.agent }
        try run.expectVoid("paused", "the agent did not run for")
    }

    @Test func anAgentThatIsStoppedForGoodIsReplaced() throws {
        let run = try signal([ChildProcess.stopSignal]) { $0.agent }
        #expect(try run.wait() == 0, "\(run.printed)")
        #expect(run.printed.contains("gave no sign of life for 10 s and was killed"))
        #expect(run.slices.count == 4)
        try run.expectNothingLeft()
    }
}
