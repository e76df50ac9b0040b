// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// Sources of evidence go away: what they would show is missing, and the run goes on.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct CounterFaultTests {
    /// Runs a cell under pressure in a mount namespace of its own.
    ///
    /// - Parameters:
    ///   - first: a shell's commands before the run.
    ///   - meanwhile: a shell's commands in a slice.
    private func run(first: String, meanwhile: String) throws -> MachineRun {
        let run = try MachineRun(Cells.memcg, slices: 5)
        try run.start("run machine.yaml", first: first)
        try run.awaitPressure()
        try run.inside(meanwhile)
        #expect(try run.wait() == 0, "\(run.printed)")
        #expect(run.slices.count == 5 && run.slices.contains { $0.isValid }, "\(run.printed)")
        try run.expectNothingLeft()
        return run
    }

    @Test func withoutStallsOfTheKernelARunGoesOn() throws {
        _ = try run(first: "mount -t tmpfs none /proc/pressure", meanwhile: ":")
        _ = try run(first: ":", meanwhile: "mount -t tmpfs none /proc/pressure")
    }

    @Test func withoutTracefsARunGoesOnAndLeavesNoTrigger() throws {
        let tracefs = "/sys/kernel/tracing"
        _ = try run(
            first: "mount -t tracefs none \(tracefs)", meanwhile: "umount -l \(tracefs)")
        let left = try Command.run([
            "unshare", "-m", "sh", "-c",
            "mount -t tracefs none \(tracefs) && cat \(tracefs)/events/vmscan/*/trigger; "
                + "ls \(tracefs)/instances",
        ]).output
        #expect(left.split(separator: "\n").allSatisfy { $0.hasPrefix("#") }, "\(left)")
    }

    @Test func withoutDelayAccountingTheWorkersReclaimIsMissingAndTheOldValueComesBack() throws {
        let path = "/proc/sys/kernel/task_delayacct"
        let before = try SystemFile.read(path)
        let run = try run(first: ":", meanwhile: "echo 0 >\(path)")
        #expect(run.slices.contains { $0.workerStalls == nil })
        #expect(try SystemFile.read(path) == before)
    }
}
