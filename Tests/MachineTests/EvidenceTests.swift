// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Protocol
import Testing

@testable import Machine

@Suite struct EvidenceTests {
    private func snapshot(
        vmstat: String? = nil, stat: String? = nil, group: [String: Int64]? = nil
    ) -> KernelCounters {
        var snapshot = KernelCounters()
        snapshot.vmstat = vmstat.map { CounterText.pairs(Array($0.utf8)) }
        snapshot.ticks = stat.flatMap { CounterText.ticks(Array($0.utf8)) }
        snapshot.group = group
        return snapshot
    }

    @Test func onlyCountersThatChangedAreKept() {
        let before = snapshot(
            vmstat: "pgfault 10\npgscan_direct 4\n", group: ["failcnt": 1, "rss": 2])
        let after = snapshot(
            vmstat: "pgfault 15\npgscan_direct 4\nnew 1\n", group: ["failcnt": 3, "rss": 2])
        let changes = after - before
        #expect(changes.vmstat == ["pgfault": 5, "pgscan_direct": 0])
        let record = EvidenceRecord(changes)
        #expect(record.vmstat == ["pgfault": 5])
        #expect(record.memcg == ["failcnt": 2])
    }

    @Test func whatCouldNotBeReadIsAbsentAndNeverZero() {
        let record = EvidenceRecord(snapshot(vmstat: "pgfault 1\n") - snapshot())
        #expect(record.vmstat.isEmpty && record.cpu.isEmpty)
        #expect(record.memcg == nil && record.psi == nil && record.slab == nil)
        #expect(record.frequency == nil && record.perf == nil && record.heapGrowth == nil)
        #expect(record.oomKills == nil)
    }

    @Test func ticksAreSummedByWhatTheCPUsDid() throws {
        let now = CounterText.ticks(Array("cpu  1 2 3 40 5 6 7 8 1 0\ncpu0 9\n".utf8))
        #expect(now == ["busy": 19, "idle": 40, "iowait": 5, "steal": 8])
        let old = "cpu  1 2 3 40 5 6 7\n"
        #expect(CounterText.ticks(Array(old.utf8)) == ["busy": 19, "idle": 40, "iowait": 5])
        let change = snapshot(stat: "cpu  1 2 3 41 5 6 7 8\n") - snapshot(stat: old)
        #expect(change.ticks == ["busy": 0, "idle": 1, "iowait": 0])
        #expect(CounterText.ticks(Array("intr 1 2 3 4 5 6 7 8\n".utf8)) == nil)
    }

    @Test func anOOMKillAnywhereShows() {
        let quiet = EvidenceRecord(vmstat: ["pgfault": 1], memcg: [:])
        #expect(quiet.oomKills == 0)
        #expect(EvidenceRecord(vmstat: ["oom_kill": 2], memcg: ["oom_kill": 1]).oomKills == 2)
        #expect(EvidenceRecord(vmstat: ["pgfault": 1], memcg: ["oom_kill": 1]).oomKills == 1)
    }

    @Test func slabCachesAreFoundByTheirWholeName() {
        let text = """
            slabinfo - version: 2.1
            # name            <active_objs> <num_objs> <objsize>
            kmalloc-64            12     30     64   64    1 : tunables    0    0    0
            kmalloc-640            9     30    640   64    1 : tunables    0    0    0
            """
        let use = SlabUse.parse(Array(text.utf8), keeping: ["kmalloc-64", "absent"])
        #expect(use == ["kmalloc-64": 12])
        let all = SlabUse.parse(Array(text.utf8), keeping: ["kmalloc-6*", "absent-*"])
        #expect(all == ["kmalloc-64": 12, "kmalloc-640": 9])
    }

    @Test func aTreeWithSysfsAloneStillGivesSlabsAndFrequencies() throws {
        let tree = try FixtureTree([
            "sys/kernel/slab/iomap_dio/objects": "123 N0=100 N1=23\n",
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "2400000\n",
            "sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq": "1200000\n",
            "sys/devices/system/cpu/cpufreq/boost": "1\n",
        ])
        defer { tree.remove() }
        let taken = KernelCounters.read(
            group: nil, slabCaches: ["iomap_dio", "absent"], in: SystemTree(root: tree.path))
        #expect(taken.slab == ["iomap_dio": 123])
        #expect(SlabUse.active(["iomap*"], in: SystemTree(root: tree.path)) == ["iomap_dio": 123])
        #expect(taken.frequency == ["0": 2_400_000, "1": 1_200_000])
        #expect(taken.vmstat == nil && taken.stalls == nil)
    }

    @Test func whatSlubCountsIsReadByCacheAndOnlyWhereItCounts() throws {
        let tree = try FixtureTree([
            "sys/kernel/slab/iomap_dio/alloc_fastpath": "1000 C0=600 C1=400\n",
            "sys/kernel/slab/iomap_dio/alloc_slowpath": "24 C0=24\n",
            "sys/kernel/slab/iomap_dio/sheaf_refill": "60 C0=60\n",
            "sys/kernel/slab/bio-192/alloc_fastpath": "5\n",
            "sys/kernel/slab/bio-192/alloc_slowpath": "0\n",
            "sys/kernel/slab/kmalloc-96/objects": "123 N0=123\n",
        ])
        defer { tree.remove() }
        let names = ["iomap_dio", "bio-*", "kmalloc-96", "absent"]
        let taken = try #require(SlabStatistics(names, in: SystemTree(root: tree.path)))
        #expect(
            taken.caches == [
                "iomap_dio": .init(fast: 1000, slow: 24, refilled: 60),
                "bio-192": .init(fast: 5, slow: 0),
            ])
        let before = SlabStatistics(caches: ["iomap_dio": .init(fast: 900, slow: 20, refilled: 0)])
        #expect((taken - before).caches["iomap_dio"] == .init(fast: 100, slow: 4, refilled: 60))
        #expect(SlabStatistics(["kmalloc-96"], in: SystemTree(root: tree.path)) == nil)
    }

    @Test func thisMachinesCountersMove() throws {
        let before = KernelCounters.read(group: nil, slabCaches: ["dentry"])
        let memory = try MappedMemory(bytes: 8 << 20)
        memory.touch()
        let after = KernelCounters.read(group: nil, slabCaches: ["dentry"])
        let record = EvidenceRecord(after - before)
        // vmstat is summed from each CPU now and then; the faults of 2048 pages are.
        #expect((record.vmstat["pgfault"] ?? 0) > 0)
        #expect(Set(record.cpu.keys).isSuperset(of: ["busy", "idle", "iowait"]))
        #expect(record.oomKills == 0)
        if SystemFile.exists("/proc/pressure/memory") {
            #expect((record.psi?["memory_some"] ?? -1) >= 0)
        }
        if ChildProcess.userID == 0, SystemFile.exists("/proc/slabinfo") {
            #expect((record.slab?["dentry"] ?? 0) > 0)
        }
    }
}

/// Files in a directory of their own, as the kernel would show them.
struct FixtureTree {
    let path: String

    init(_ files: [String: String]) throws {
        path = "/tmp/plumbline-evidence-\(ChildProcess.currentID)"
        try SystemFile.makeDirectory(path)
        for (name, text) in files {
            var directory = path
            for part in name.split(separator: "/").dropLast() {
                directory += "/\(part)"
                if !SystemFile.exists(directory) { try SystemFile.makeDirectory(directory) }
            }
            try Descriptor.open("\(path)/\(name)", [.write, .create]).writeAll(text)
        }
    }

    func remove() { Self.remove(path) }

    private static func remove(_ path: String) {
        if let names = try? SystemFile.list(path) {
            for name in names { remove("\(path)/\(name)") }
            try? SystemFile.removeDirectory(path)
        } else {
            try? SystemFile.unlink(path)
        }
    }
}
