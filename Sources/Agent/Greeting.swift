// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol

/// Finds out what an agent says of itself in its `hello`.
public enum Greeting {
    /// The machine's facts and what works on it.
    public static func compose(clock: FastClock) -> Hello {
        let kernel = try? KernelIdentity.current()
        return Hello(
            toolVersion: plumblineVersion, kernelRelease: kernel?.release ?? "unknown",
            kernelVersion: kernel?.version ?? "unknown", machine: kernel?.machine ?? "unknown",
            buildID: kernel?.buildID, cpus: (try? CPUSet.allowed().count) ?? 1,
            cpuModel: field("model name", in: "/proc/cpuinfo"), memory: totalMemory(),
            pageSize: MappedMemory.pageSize, cgroupVersion: Cgroup.version,
            clockSource: clockSource(), timer: clock.source.rawValue,
            timerCost: clock.readCostNanoseconds, timingCost: TimingCost.measure(clock),
            capabilities: Capabilities.detect())
    }

    private static func totalMemory() -> UInt64 {
        let kibibytes = field("MemTotal", in: "/proc/meminfo")?.split(separator: " ").first
        return (kibibytes.flatMap { UInt64($0) } ?? 0) << 10
    }

    /// The kernel's clock source just now.
    static func clockSource() -> String {
        let path = "/sys/devices/system/clocksource/clocksource0/current_clocksource"
        return (try? SystemFile.read(path))?.split(separator: "\n").first.map(String.init)
            ?? "unknown"
    }

    /// The value of the first line `name : value` or `name: value` of a file.
    private static func field(_ name: String, in path: String) -> String? {
        guard let text = try? SystemFile.read(path) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            return String(value)
        }
        return nil
    }
}
