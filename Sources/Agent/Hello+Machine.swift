// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import Workloads

extension Hello {
    /// The agent's greeting: this machine's facts and capabilities.
    public static func ofThisMachine(clock: FastClock) -> Hello {
        let tree = SystemTree.live
        let kernel = try? KernelIdentity.current()
        return Hello(
            toolVersion: plumblineVersion, kernelRelease: kernel?.release ?? "unknown",
            kernelVersion: kernel?.version ?? "unknown", machine: kernel?.machine ?? "unknown",
            buildID: kernel?.buildID, cpus: (try? CPUSet.allowed().count) ?? 1,
            cpuModel: tree.field("model name", in: "/proc/cpuinfo"),
            memory: UInt64(tree.memory("MemTotal") ?? 0),
            pageSize: MappedMemory.pageSize, cgroupVersion: Cgroup.version,
            clockSource: clockSource(), timer: clock.source.rawValue,
            timerCost: clock.readCostNanoseconds, timingCost: TimingCost.measure(clock),
            capabilities: Capabilities.detect())
    }

    /// The kernel's current clock source.
    static func clockSource() -> String {
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        return SystemTree.live.read(path)?.trimmed ?? "unknown"
    }
}
