// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage
import Workloads

extension Hello {
    /// The agent's greeting: this machine's facts and capabilities.
    public static func ofThisMachine(clock: FastClock) -> Hello {
        let tree = SystemTree.live
        let kernel = try? KernelIdentity.current()
        var hello = Hello(
            toolVersion: plumblineVersion, kernelRelease: kernel?.release ?? "unknown",
            kernelVersion: kernel?.version ?? "unknown", machine: kernel?.machine ?? "unknown",
            buildID: kernel?.buildID, cpus: (try? CPUSet.allowed().count) ?? 1,
            cpuModel: tree.cpuModel,
            memory: UInt64(tree.memory("MemTotal") ?? 0),
            pageSize: MappedMemory.pageSize, cgroupVersion: Cgroup.version,
            clockSource: clockSource(), timer: clock.source.rawValue,
            timerCost: clock.readCostNanoseconds, timingCost: clock.measureTimingCost(),
            capabilities: probes.filter { $0.works() }.map(\.word))
        hello.initOnAlloc = InitOnAlloc.value()
        hello.bootID = tree.read("/proc/sys/kernel/random/boot_id")?.trimmed
        return hello
    }

    /// The kernel's current clock source.
    static func clockSource() -> String {
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        return SystemTree.live.read(path)?.trimmed ?? "unknown"
    }

    /// What works on this machine for this user, found by trying it.
    private static let probes: [(word: String, works: @Sendable () -> Bool)] = [
        ("root", { ChildProcess.userID == 0 }),
        (MemcgPressure.name, { Cgroup.version > 0 && ChildProcess.userID == 0 }),
        ("io_uring", { (try? Ring.create(entries: 1)) != nil }),
        ("psi", { (try? SystemFile.read("/proc/pressure/memory")) != nil }),
        ("pmu", { (try? Counter.tryInstructions()) ?? 0 > 0 }),
        ("slabinfo", { (try? SystemFile.read("/proc/slabinfo")) != nil }),
        ("numa", { NUMANode.count > 1 }),
        ("swap", { ((try? SystemFile.read("/proc/swaps")) ?? "").contains("/") }),
        ("zram", { SystemFile.exists("/sys/class/zram-control/hot_add") }),
        ("loop", { SystemFile.exists("/dev/loop-control") }),
        ("brd", { SystemFile.exists("/dev/ram0") }),
        ("null_blk", { SystemFile.exists("/sys/kernel/config/nullb") }),
    ]
}
