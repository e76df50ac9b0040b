// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// A CPU goes offline before a run or in it, or somebody moves workers to other CPUs.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct CPUFaultTests {
    private static let file = "/sys/devices/system/cpu/cpu1/online"
    /// Why CPU 1 cannot go offline here; nil when it can.
    private static let missing: String? = {
        defer { try? SystemFile.write("1", to: file) }
        do { try SystemFile.write("0", to: file) } catch { return "\(file): \(error)" }
        return nil
    }()

    private static let pinned = """
          - workload: pipe
            writer_cpus: 0
            reader_cpus: 1
        """

    /// Starts a run and takes CPU 1 offline in a slice for a time, seconds.
    private func start(_ cells: String, for seconds: UInt64) throws -> MachineRun {
        let run = try MachineRun(cells, slice: "500ms", slices: 10)
        defer { try? SystemFile.write("1", to: Self.file) }
        try run.start("run machine.yaml")
        try run.awaitSlices()
        try Clock.sleep(nanoseconds: 700_000_000)
        try SystemFile.write("0", to: Self.file)
        try Clock.sleep(nanoseconds: seconds * 1_000_000_000)
        return run
    }

    @Test func aCPUThatIsOfflineForAWhileVoidsItsSlices() throws {
        guard Self.missing == nil else { return print("skipped: \(Self.missing ?? "")") }
        let run = try start(Cells.pipe, for: 1)
        try run.expectVoid("cpus-changed", "CPU 1 went offline")
        #expect(run.slices.last?.reasons["cpus-changed"] == nil, "\(run.slices.map(\.reasons))")
    }

    @Test func workersThatAreHeldToACPUThatGoesOfflineAreNotMeasured() throws {
        guard Self.missing == nil else { return print("skipped: \(Self.missing ?? "")") }
        let run = try start(Self.pinned, for: 2)
        #expect(try run.wait() == 1, "\(run.printed)")
        #expect(run.printed.contains("CPU 1 went offline"), "\(run.printed)")
        #expect(run.printed.contains("cannot run on CPUs 1"), "\(run.printed)")
        #expect(
            run.slices.contains { $0.reasons["cpus-changed"]?.contains("CPU 1") == true },
            "\(run.slices.map(\.reasons))")
        try run.expectNothingLeft()
    }

    @Test func aCellThatNeedsACPUThatIsOfflineSaysSo() throws {
        guard Self.missing == nil else { return print("skipped: \(Self.missing ?? "")") }
        let run = try MachineRun(Self.pinned)
        try SystemFile.write("0", to: Self.file)
        defer { try? SystemFile.write("1", to: Self.file) }
        try run.start("run machine.yaml")
        #expect(try run.wait() == 1, "\(run.printed)")
        #expect(run.printed.contains("cannot run on CPUs 1"), "\(run.printed)")
        #expect(run.printed.contains("CPUs allowed here: 0"), "\(run.printed)")
        try SystemFile.write("1", to: Self.file)
        try run.expectNothingLeft()
    }

    @Test func aWorkerThatSomebodyMovesToAnotherCPUVoidsItsSlice() throws {
        let run = try MachineRun(
            """
              - workload: pipe
                workers: process
                writer_cpus: 0
                reader_cpus: 0
            """, slice: "500ms", slices: 6)
        guard (try? CPUSet.allowed())?.contains(1) == true else { return }
        try run.start("run machine.yaml")
        try run.awaitSlices()
        try Clock.sleep(nanoseconds: 200_000_000)
        for worker in run.workers { try CPUSet([1]).apply(toThread: worker) }
        try run.expectVoid("cpus-changed", "a worker's CPUs changed from 0 to 1")
    }
}
