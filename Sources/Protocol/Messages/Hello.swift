// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel and machine that an agent runs on, and what it can do there.
public struct Hello: Codable, Sendable, Equatable {
    /// The version of this protocol that the agent speaks.
    public static let protocolVersion = 2

    /// The agent's protocol version.
    public var protocolVersion: Int
    /// The tool's version.
    public var toolVersion: String
    /// uname -r.
    public var kernelRelease: String
    /// uname -v.
    public var kernelVersion: String
    /// uname -m.
    public var machine: String
    /// The kernel's GNU build id in hexadecimal, where /sys/kernel/notes is readable.
    public var buildID: String?
    /// /proc/sys/kernel/random/boot_id: one boot of one machine, however it is reached.
    public var bootID: String?
    /// Online CPUs that the agent may use.
    public var cpus: Int
    /// The first CPU's model name, where known.
    public var cpuModel: String?
    /// MemTotal in bytes.
    public var memory: UInt64
    /// Bytes of a page.
    public var pageSize: Int
    /// 1 or 2 by where the memory controller is, 0 without one.
    public var cgroupVersion: Int
    /// The kernel's clock source.
    public var clockSource: String
    /// The clock that the workloads read: `tsc` or `monotonic`.
    public var timer: String
    /// What reading that clock once costs, nanoseconds.
    public var timerCost: Double
    /// What timing one operation costs in the recorder: a read and a histogram entry, nanoseconds.
    public var timingCost: Double
    /// Whether the kernel fills what it allocates with zeros: 1, 0, or absent when not known.
    public var initOnAlloc: Int?
    /// What works here: `root`, `memcg`, `io_uring`, `psi`, `pmu`, `slabinfo`, `numa`, `zram`, `loop`…
    public var capabilities: [String]

    private enum CodingKeys: String, CodingKey {
        case protocolVersion = "protocol"
        case toolVersion = "tool_version"
        case kernelRelease = "kernel_release"
        case kernelVersion = "kernel_version"
        case machine
        case buildID = "build_id"
        case bootID = "boot_id"
        case cpus
        case cpuModel = "cpu_model"
        case memory = "memory_bytes"
        case pageSize = "page_size"
        case cgroupVersion = "cgroup_version"
        case clockSource = "clock_source"
        case timer
        case timerCost = "timer_cost_ns"
        case timingCost = "timing_cost_ns"
        case initOnAlloc = "init_on_alloc"
        case capabilities
    }

    /// A greeting.
    public init(
        toolVersion: String, kernelRelease: String, kernelVersion: String, machine: String,
        buildID: String?, cpus: Int, cpuModel: String?, memory: UInt64, pageSize: Int,
        cgroupVersion: Int, clockSource: String, timer: String, timerCost: Double,
        timingCost: Double, capabilities: [String]
    ) {
        protocolVersion = Self.protocolVersion
        self.toolVersion = toolVersion
        self.kernelRelease = kernelRelease
        self.kernelVersion = kernelVersion
        self.machine = machine
        self.buildID = buildID
        self.cpus = cpus
        self.cpuModel = cpuModel
        self.memory = memory
        self.pageSize = pageSize
        self.cgroupVersion = cgroupVersion
        self.clockSource = clockSource
        self.timer = timer
        self.timerCost = timerCost
        self.timingCost = timingCost
        self.capabilities = capabilities
    }

    /// Whether both greet from one boot of one machine.
    public func isSameBoot(as other: Hello) -> Bool { bootID != nil && bootID == other.bootID }
}
