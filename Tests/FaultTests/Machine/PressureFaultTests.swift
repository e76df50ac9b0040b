// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// Hogs, their cgroup or their swap are taken away in a slice.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct PressureFaultTests {
    private func start(_ cells: String = Cells.memcg) throws -> MachineRun {
        let run = try MachineRun(cells, slice: "500ms", slices: 12)
        try run.start("run machine.yaml")
        try run.awaitPressure()
        return run
    }

    /// The file with the group's limit.
    private func limit(of group: String) -> String {
        let old = "\(group)/memory.limit_in_bytes"
        return SystemFile.exists(old) ? old : "\(group)/memory.max"
    }

    @Test func aHogKilledByAnotherProgramVoidsItsSliceAndIsMadeAnew() throws {
        let run = try start()
        try ChildProcess(id: #require(run.hogs.first)).kill()
        try run.expectVoid("pressure-failed", "another program killed a hog")
    }

    @Test func aHogThatTheKernelKillsForMemoryIsNamed() throws {
        let run = try start()
        // It takes more than the limit, and what has the highest oom_score_adj goes first.
        let group = try #require(run.group)
        _ = try Command.run([
            "sh", "-c",
            "echo $$ >'\(group)/cgroup.procs' && head -c 200M /dev/zero | tail -n 1 | wc",
        ])
        #expect(try run.wait() == 0, "\(run.printed)")
        let reasons = run.slices.flatMap(\.reasons.values)
        #expect(
            reasons.contains { $0.contains("OOM killer") }, "\(reasons) \(run.printed)")
        #expect(run.slices.contains { $0.isValid })
        try run.expectNothingLeft()
    }

    @Test func swapThatSomebodyTurnsOffIsNotPressureAnyMore() throws {
        guard SystemFile.exists("/sys/class/zram-control/hot_add") else { return }
        let run = try start(
            """
              - workload: pipe
                pressure: {kind: memcg, limit: 64m, swap: 1}
            """)
        let end = try Command.run([
            "sh", "-c", "swapoff $(tail -n +2 /proc/swaps | cut -d' ' -f1 | grep zram)",
        ])
        let code = try run.wait()
        #expect(code == 0, "\(run.printed)")
        let reasons = run.slices.flatMap(\.reasons.values)
        #expect(!reasons.isEmpty || !end.succeeded, "\(run.printed)")
        #expect(run.slices.contains { $0.isValid })
        try run.expectNothingLeft()
    }

    @Test func aCgroupThatSomebodyRemovesVoidsTheSliceAndIsMadeAnew() throws {
        let run = try start()
        let group = try #require(run.group)
        _ = try Command.run([
            "sh", "-c",
            """
            for i in $(seq 200); do
              kill -9 $(cat '\(group)/cgroup.procs') 2>/dev/null
              rmdir '\(group)' 2>/dev/null && break
              sleep 0.01
            done
            """,
        ])
        let code = try run.wait()
        #expect(code == 0, "\(run.printed)")
        let reasons = run.slices.flatMap(\.reasons.values)
        #expect(reasons.contains { $0.contains("killed") }, "\(reasons)")
        #expect(run.slices.contains { $0.isValid })
        try run.expectNothingLeft()
    }

    @Test func workersThatAreMovedToAnotherCgroupVoidTheSlice() throws {
        let run = try start()
        let group = try #require(run.group)
        let parent = group.prefix(upTo: try #require(group.lastIndex(of: "/")))
        for worker in run.workers {
            try SystemFile.write("\(worker)", to: "\(parent)/cgroup.procs")
        }
        try run.expectVoid("pressure-failed", "moved out of the cgroup \(group)")
    }

    @Test func aLimitThatSomebodyChangesVoidsTheSlice() throws {
        let run = try start()
        let file = limit(of: try #require(run.group))
        try SystemFile.write("200000000", to: file)
        try run.expectVoid("pressure-failed", "\(file) was changed from 67108864 to 1999")
    }

    @Test func aStressorThatIsKilledVoidsItsSlice() throws {
        guard SystemFile.exists("/usr/bin/stress-ng") else { return }
        let run = try MachineRun(
            """
              - workload: pipe
                pressure: {kind: stress-ng, vm_bytes: 2}
            """, slice: "500ms", slices: 4)
        try run.start("run machine.yaml")
        try run.awaitSlices()
        let agent = try #require(run.agent)
        let leader = run.children(of: agent) { $0.hasPrefix("stress-ng") }.first
        try ChildProcess(id: #require(leader, "\(run.printed)")).kill()
        _ = try run.wait()
        let reasons = run.slices.compactMap { $0.reasons["pressure-failed"] }
        #expect(reasons.contains { $0.contains("stress-ng") }, "\(run.printed)")
        try run.expectNothingLeft()
    }
}
