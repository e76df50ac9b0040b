// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import Machine

@Suite struct MemoryHierarchyTests {
    private func tree(_ mounts: [String], _ membership: String) throws -> Scratch {
        let scratch = try Scratch()
        let lines = mounts.map { "30 1 0:27 \($0)" }
        try scratch.file("proc/self/mountinfo", lines.joined(separator: "\n") + "\n")
        try scratch.file("proc/self/cgroup", membership)
        return scratch
    }

    private let v1 = "/ /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
    private let v2 = "/ /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate"
    private let hybrid = "/ /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"

    @Test func v1IsFoundBesideAnEmptyV2() throws {
        let scratch = try tree([v1, hybrid], "4:cpu,memory:/a/b\n0::/c\n")
        try scratch.file("sys/fs/cgroup/unified/cgroup.controllers", "\n")
        let found = MemoryHierarchy.find(in: SystemTree(root: scratch.path))
        let base = "\(scratch.path)/sys/fs/cgroup/memory"
        #expect(found?.version == 1)
        #expect(found?.own == "\(base)/a/b")
        #expect(found?.ancestry == ["\(base)/a/b", "\(base)/a", base])
    }

    @Test func v2IsFoundWhereItHasTheController() throws {
        let scratch = try tree([v2], "0::/user.slice/x.scope\n")
        let tree = SystemTree(root: scratch.path)
        #expect(MemoryHierarchy.find(in: tree) == nil)
        try scratch.file("sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n")
        #expect(MemoryHierarchy.find(in: tree)?.version == 2)
        #expect(
            MemoryHierarchy.find(in: tree)?.own
                == "\(scratch.path)/sys/fs/cgroup/user.slice/x.scope")
    }

    @Test func aContainersPathsAreBelowItsMountsRoot() throws {
        let mount = "/docker/x /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
        let scratch = try tree([mount], "4:memory:/docker/x/y\n")
        let found = MemoryHierarchy.find(in: SystemTree(root: scratch.path))
        #expect(found?.own == "\(scratch.path)/sys/fs/cgroup/memory/y")
    }

    @Test func aGroupOutsideTheNamespaceCountsAsTheTop() throws {
        let scratch = try tree([v1], "4:memory:/../other\n")
        let found = MemoryHierarchy.find(in: SystemTree(root: scratch.path))
        #expect(found?.own == found?.top)
    }

    @Test func withoutAControllerThereIsNone() throws {
        let scratch = try tree([hybrid], "0::/\n")
        let tree = SystemTree(root: scratch.path)
        #expect(MemoryHierarchy.find(in: tree) == nil)
        let undoLog = try UndoLog(directory: scratch.path)
        let error = failure { () throws(PlumblineError) in
            try Cgroup.create(
                in: MemoryHierarchy.find(in: tree), changes: ChangeStack(undoLog))
        }
        #expect(error?.kind == .failure)
        #expect(error?.remedy.contains("cgroup_enable=memory") == true)
    }

    @Test func whyThereIsNoControllerNamesTheVersionAndTheRemedy() throws {
        let cpu = "/ /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu"
        let cases: [([String], String, String)] = [
            ([v2], "cgroup v2 at /sys/fs/cgroup has no memory controller", "CONFIG_MEMCG"),
            (
                [cpu, hybrid], "cgroup v1 is mounted without its memory controller",
                "mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory"
            ), ([], "no cgroup file system is mounted", "mount -t cgroup2"),
        ]
        for (mounts, message, remedy) in cases {
            let scratch = try tree(mounts, "0::/\n")
            let error = MemoryHierarchy.absence(in: SystemTree(root: scratch.path))
            #expect(error.kind == .failure && error.message == message)
            #expect(error.remedy.contains(remedy), "\(error.remedy)")
        }
    }

    @Test func aKernelThatChargesNoneOfItsOwnMemoryIsRefused() throws {
        let scratch = try tree([v1], "4:memory:/\n")
        let tree = SystemTree(root: scratch.path)
        try MemoryHierarchy.checkCharging(in: tree)
        try scratch.file("proc/cmdline", "quiet cgroup.memory=nosocket,nokmem\n")
        let error = failure { () throws(PlumblineError) in
            try MemoryHierarchy.checkCharging(in: tree)
        }
        #expect(error?.message.contains("cgroup.memory=nosocket,nokmem (cgroup v1)") == true)
        #expect(error?.remedy == "boot without cgroup.memory=nosocket,nokmem")
    }

    @Test func aLimitAboveUsCountsPageCacheAsFree() throws {
        let scratch = try tree([v2], "0::/a\n")
        let top = "sys/fs/cgroup"
        try scratch.file("\(top)/cgroup.controllers", "memory")
        try scratch.file("\(top)/a/memory.max", "max\n")
        #expect(MemoryHierarchy.find(in: SystemTree(root: scratch.path))?.headroom == nil)
        try scratch.file("\(top)/a/memory.max", "1000\n")
        try scratch.file("\(top)/a/memory.current", "900\n")
        try scratch.file("\(top)/a/memory.stat", "anon 1\ninactive_file 300\nactive_file 50\n")
        #expect(MemoryHierarchy.find(in: SystemTree(root: scratch.path))?.headroom == 450)
    }
}

@Suite struct CgroupV2Tests {
    /// A v2 hierarchy of plain directories: `top` passes memory on, `top/a` is ours.
    private func hierarchy(own: String, top: String) throws -> (Scratch, MemoryHierarchy) {
        let scratch = try Scratch()
        try scratch.file(
            "proc/self/mountinfo", "30 1 0:27 / /cg rw - cgroup2 cgroup2 rw,nsdelegate\n")
        try scratch.file("proc/self/cgroup", "0::/a\n")
        try scratch.file("cg/cgroup.controllers", "memory")
        try scratch.file("cg/cgroup.subtree_control", top)
        try scratch.file("cg/a/cgroup.subtree_control", own)
        let found = try #require(MemoryHierarchy.find(in: SystemTree(root: scratch.path)))
        return (scratch, found)
    }

    @Test func theGroupIsBelowOursWhereMemoryIsPassedOn() throws {
        let (scratch, found) = try hierarchy(own: "cpu memory\n", top: "memory")
        let changes = ChangeStack(try UndoLog(directory: scratch.path))
        let group = try Cgroup.create(in: found, changes: changes)
        #expect(group.version == 2)
        #expect(group.path == "\(scratch.path)/cg/a/plumbline-\(ChildProcess.currentID)-0")
        #expect(changes.undoAll().isEmpty)
        #expect(!SystemFile.exists(group.path))
    }

    @Test func whatIsSwitchedOnIsSwitchedOffAgain() throws {
        let (scratch, found) = try hierarchy(own: "", top: "memory")
        let control = "\(scratch.path)/cg/a/cgroup.subtree_control"
        let changes = ChangeStack(try UndoLog(directory: scratch.path))
        _ = try Cgroup.create(in: found, changes: changes)
        #expect(try SystemFile.read(control) == "+memory")
        #expect(changes.undoAll().isEmpty)
        #expect(try SystemFile.read(control) == "-memory")
    }

    @Test func theGroupIsBesideOursWhereOursCannotPassOn() throws {
        let (scratch, found) = try hierarchy(own: "", top: "memory")
        // Reading a directory fails as the kernel's refusal would.
        try SystemFile.unlink("\(scratch.path)/cg/a/cgroup.subtree_control")
        let changes = ChangeStack(try UndoLog(directory: scratch.path))
        let group = try Cgroup.create(in: found, changes: changes)
        #expect(group.path == "\(scratch.path)/cg/plumbline-\(ChildProcess.currentID)-0")
        changes.undoAll()
    }

    @Test func limitsGoToTheFilesOfEachGeneration() throws {
        let scratch = try Scratch()
        for name in ["memory.max", "memory.high", "memory.swap.max"] {
            try scratch.file("two/\(name)", "max")
        }
        let two = Cgroup(path: "\(scratch.path)/two", version: 2)
        try two.setLimit(100)
        try two.setHigh(90)
        try two.setSwapLimit(0)
        #expect(try SystemFile.read("\(two.path)/memory.max").hasPrefix("100"))
        #expect(try SystemFile.read("\(two.path)/memory.high").hasPrefix("90"))
        #expect(try SystemFile.read("\(two.path)/memory.swap.max").hasPrefix("0"))
        let one = Cgroup(path: "\(scratch.path)/one", version: 1)
        #expect(failure { () throws(PlumblineError) in try one.setHigh(90) }?.kind == .usage)
    }

    @Test func statisticsHaveTheKernelsNames() throws {
        let scratch = try Scratch()
        try scratch.file("memory.stat", "anon 4096\npgscan_direct 12\npgsteal_direct 7\n")
        try scratch.file("memory.events", "low 0\nhigh 1\nmax 2\noom 0\noom_kill 3\n")
        try scratch.file("memory.current", "8192\n")
        try scratch.file("memory.pressure", "some avg10=0.00 total=7\nfull avg10=0.00 total=5\n")
        let group = Cgroup(path: scratch.path, version: 2)
        let statistics = group.statistics()
        #expect(statistics["pgscan_direct"] == 12)
        #expect(statistics["events_max"] == 2)
        #expect(statistics["oom_kill"] == 3)
        #expect(statistics["usage"] == 8192)
        #expect(statistics["failcnt"] == nil)
        #expect(group.stall() == ["some": 7, "full": 5])
    }
}

@Suite(.serialized, .enabled(if: ThisMachine.hasMemoryGroups, "needs root and a memory controller"))
struct CgroupOnThisMachineTests {
    @Test func aGroupTakesALimitAndMembersAndGoesWithThem() throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let changes = ChangeStack(undoLog)
        let group = try Cgroup.create(changes: changes)
        try group.setLimit(32 << 20)
        let file = group.version == 1 ? "memory.limit_in_bytes" : "memory.max"
        #expect(try SystemFile.readInteger("\(group.path)/\(file)") == 32 << 20)
        let child = try ChildProcess.fork {
            try? Clock.sleep(nanoseconds: 60_000_000_000)
            return 0
        }
        try group.enter(child.id)
        #expect(group.members == [child.id])
        #expect(group.statistics()["usage"] != nil)
        #expect(group.statistics()["oom_kill"] == 0)
        #expect(changes.undoAll().isEmpty)
        #expect(!SystemFile.exists(group.path))
        #expect(undoLog.pending.isEmpty)
    }

    @Test func theCallerIsMovedOutAndNotKilled() throws {
        let scratch = try Scratch()
        // In a child: the test's own process stays where it is.
        let directory = scratch.path
        let child = try ChildProcess.fork {
            guard let undoLog = try? UndoLog(directory: directory) else { return 1 }
            let changes = ChangeStack(undoLog)
            guard let group = try? Cgroup.create(changes: changes), (try? group.enter()) != nil
            else { return 2 }
            return changes.undoAll().isEmpty && !SystemFile.exists(group.path) ? 0 : 3
        }
        #expect(try child.wait() == .exited(0))
    }
}
