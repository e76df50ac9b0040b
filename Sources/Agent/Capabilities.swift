// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Machine
import SystemPackage

/// What works on this machine for this user, found by trying it.
public enum Capabilities {
    /// The words of `hello`: `root`, `memcg`, `io_uring`, `psi`, `pmu`, `slabinfo`, `numa`, `swap`,
    /// `zram`, `loop`, `brd`, `null_blk`.
    public static func detect() -> [String] {
        probes.filter { $0.works() }.map(\.word)
    }

    private static let probes: [(word: String, works: @Sendable () -> Bool)] = [
        ("root", { ChildProcess.userID == 0 }),
        ("memcg", { Cgroup.version > 0 && ChildProcess.userID == 0 }),
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
