// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Writers and readers on pipes, through `write(2)` and `read(2)`.
public struct PipeWorkload: Workload {
    /// The word in suites.
    public static let name = "pipe"
    /// One line for a help text.
    public static let summary = "writers and readers on pipes"
    /// Writes are counted by a writer's first recorder, reads by a reader's second.
    public static let tracks = ["write", "read"]

    let plan: PipePlan
    private let values: SettingValues

    /// Checks that the values go together.
    ///
    /// - Throws: `usage`, naming the setting and the remedy.
    public init(_ values: SettingValues) throws(PlumblineError) {
        self.values = values
        plan = try PipePlan(values)
    }

    /// `2w1r/64KiB/1MiB`: writers and readers of a pipe, bytes of a write, bytes of a pipe; then
    /// every other setting that differs from its default.
    public var cellName: String {
        let size = plan.pipeSize.map { "\(ByteSize($0))" } ?? "default"
        let head = [
            "\(plan.writers)w\(plan.readers)r", "\(ByteSize(plan.messageSize))", size,
        ]
        return (head + values.named(besides: ["writers", "readers", "msgsize", "pipe_size"]))
            .joined(separator: "/")
    }

    /// Writes make the rate.
    public var rateTracks: [String] { ["write"] }

    /// A message for each worker, and what fits into the pipes.
    public var bufferBytes: Int {
        plan.workerCount * plan.messageSize + plan.pipes * (plan.pipeSize ?? PipePlan.defaultSize)
    }

    /// None: pipes are memory.
    public var storage: StorageSpec? { nil }

    /// A pipe's ring of buffers (`fs/pipe.c`), made anew when its size is set.
    public var slabCaches: [String] { ["kmalloc-cg-*"] }

    /// Each pipe's writers, then its readers, pipe after pipe.
    public var staffing: Staffing {
        Staffing(
            kind: plan.workers, count: plan.workerCount, timed: plan.timed,
            openLoop: plan.rate > 0)
    }

    /// Makes the pipes.
    ///
    /// - Throws: which limit was met, what it is set to, and how to raise it.
    public func prepare(
        in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> any PreparedWorkload {
        try PreparedPipes(plan, seed: environment.seed)
    }
}

extension PipeWorkload {
    /// What it can be told.
    public static let settings: [Setting] = [
        Setting("writers", .count(1...1024), default: 1, "writers of each pipe"),
        Setting("readers", .count(1...1024), default: 1, "readers of each pipe"),
        Setting(
            "msgsize", .size(1...Int(Int32.max)), default: .integer(64 << 10),
            "bytes of a write, and the most that a read takes"),
        Setting(
            "pipe_size", .size(1...1 << 30), default: nil,
            "bytes that fit into a pipe, which the kernel rounds up; its default without"),
        Setting("pipes", .count(1...1024), default: 1, "pipes, each with its own workers"),
        Setting("workers", .choice(["thread", "process"]), default: "thread", "what a worker is"),
        Setting("blocking", .flag, default: true, "0: O_NONBLOCK, with poll when it would block"),
        Setting("packet", .flag, default: false, "packet mode (O_DIRECT)"),
        Setting(
            "rate", .count(0...100_000_000), default: 0,
            "writes a second and writer, due at fixed times; 0 is a closed loop"),
        Setting(
            "timing", .choice(["op", "off"]), default: "op", "time each write and read, or none"),
        Setting("writer_cpus", .cpus, default: nil, "the CPUs that writers are held to"),
        Setting("reader_cpus", .cpus, default: nil, "the CPUs that readers are held to"),
        Setting(
            "writer_numa_node", .count(0...1023), default: nil,
            "the node of the writers' CPUs and memory"),
        Setting(
            "reader_numa_node", .count(0...1023), default: nil,
            "the node of the readers' CPUs and memory"),
        Setting("verify", .flag, default: false, "prove that readers get what writers wrote"),
        .handicap,
    ]
}

extension SettingValues {
    /// The settings that differ from their defaults as `name=value`, for a cell's name.
    func named(besides shown: [String]) -> [String] {
        changed.filter { !shown.contains($0.setting.name) }.map { setting, value in
            if case .size = setting.kind, let bytes = value.integer {
                return "\(setting.name)=\(ByteSize(bytes))"
            }
            return "\(setting.name)=\(value)"
        }
    }
}
