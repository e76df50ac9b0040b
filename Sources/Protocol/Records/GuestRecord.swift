// SPDX-License-Identifier: GPL-3.0-or-later

/// The guest that an agent ran in.
public struct GuestRecord: Codable, Sendable, Equatable {
    /// The kernel's file.
    public var image: String
    /// `kvm` or `tcg`.
    public var accelerator: String
    /// What the guest's clock counts: time or instructions.
    public var metric: Metric
    /// QEMU's machine: `microvm` or `q35`.
    public var machine: String
    /// Virtual CPUs.
    public var cpus: Int
    /// Bytes of memory.
    public var memory: Int
    /// NUMA nodes.
    public var nodes: Int
    /// The host's CPU for each virtual one; empty when they were not pinned.
    public var pins: [Int]
    /// The kernel's command line.
    public var commandLine: String
    /// The machine below it; absent in journals of plumbline 0.3.0 and older.
    public var host: Host?

    /// The machine that a guest runs on.
    public struct Host: Codable, Sendable, Equatable {
        /// The first CPU's model name, where known.
        public var cpuModel: String?
        /// Online CPUs that QEMU may use.
        public var cpus: Int
        /// MemTotal in bytes.
        public var memory: Int

        private enum CodingKeys: String, CodingKey {
            case cpuModel = "cpu_model"
            case cpus
            case memory = "memory_bytes"
        }

        /// A machine.
        public init(cpuModel: String?, cpus: Int, memory: Int) {
            self.cpuModel = cpuModel
            self.cpus = cpus
            self.memory = memory
        }
    }

    private enum CodingKeys: String, CodingKey {
        case image, accelerator, metric, machine, cpus
        case memory = "memory_bytes"
        case nodes = "numa_nodes"
        case pins
        case commandLine = "command_line"
        case host
    }

    /// A guest.
    public init(
        image: String, accelerator: String, metric: Metric, machine: String, cpus: Int, memory: Int,
        nodes: Int, pins: [Int], commandLine: String, host: Host? = nil
    ) {
        self.image = image
        self.accelerator = accelerator
        self.metric = metric
        self.machine = machine
        self.cpus = cpus
        self.memory = memory
        self.nodes = nodes
        self.pins = pins
        self.commandLine = commandLine
        self.host = host
    }
}
