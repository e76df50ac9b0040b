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
        // The hogs' memory is anonymous here, and there is no more swap when they are at their limit.
        let run = try start(
            """
              - workload: pipe
                pressure: {kind: memcg, limit: 64m, swap: true}
            """)
        let group = try #require(run.group)
        // Version 1 limits memory and swap together by its own file, and never above that.
        _ = try Command.run([
            "sh", "-c",
            """
            cd '\(group)' || exit
            swapoff /dev/zram* 2>/dev/null &
            for i in $(seq 100); do
              for file in memory.limit_in_bytes memory.memsw.limit_in_bytes memory.swap.max memory.max; do
                [ -e $file ] && echo 12m >$file
              done 2>/dev/null
              grep -qs 'oom_kill [1-9]' memory.oom_control memory.events && break
              sleep 0.05
            done
            wait
            """,
        ])
        #expect(try run.wait() == 0, "\(run.printed)")
        let reasons = run.slices.flatMap(\.reasons.values)
        #expect(
            reasons.contains { $0.contains("OOM killer") }, "\(reasons) \(run.printed)")
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
            """, slice: "500ms", slices: 12)
        try run.start("run machine.yaml")
        try run.awaitSlices()
        _ = try Command.run(["sh", "-c", "kill -9 $(pgrep -n '^stress-ng')"])
        _ = try run.wait()
        let reasons = run.slices.compactMap { $0.reasons["pressure-failed"] }
        #expect(reasons.contains { $0.contains("stress-ng") }, "\(run.printed)")
        try run.expectNothingLeft()
    }
}
