// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Moving bytes through a pipe without copying them: `splice(2)`, `vmsplice(2)` and `tee(2)`.
public struct SpliceWorkload: Workload {
    /// The word in suites.
    public static let name = "splice"
    /// One line for a help text.
    public static let summary = "splice, vmsplice and tee through a pipe"
    /// One operation is one chunk moved from end to end.
    public static let tracks = ["splice"]

    let plan: SplicePlan
    private let values: SettingValues

    /// Checks that the values go together.
    ///
    /// - Throws: `usage`, naming the setting and the remedy.
    public init(_ values: SettingValues) throws(PlumblineError) {
        self.values = values
        plan = try SplicePlan(values)
    }

    /// `file-file/64KiB` and every other setting that differs from its default.
    public var cellName: String {
        ([plan.mode.rawValue, "\(ByteSize(plan.chunk))"]
            + values.named(besides: ["mode", "size"])).joined(separator: "/")
    }

    /// Chunks make the rate.
    public var rateTracks: [String] { Self.tracks }

    /// Each job's chunks in memory, and what fits into its pipes.
    public var bufferBytes: Int { plan.jobs * plan.bytesInMemory }

    /// A place for each job's files, unless nothing but memory is spliced.
    public var storage: StorageSpec? {
        get throws(PlumblineError) {
            guard plan.mode.files > 0 else { return nil }
            return try StorageSpec(
                text: plan.storage, size: plan.bytesOnStorage, directory: plan.directory,
                writes: true)
        }
    }

    /// A pipe's ring of buffers (`fs/pipe.c`), made anew when its size is set.
    public var slabCaches: [String] { ["kmalloc-cg-*"] }

    /// One worker a job.
    public var staffing: Staffing {
        Staffing(kind: plan.workers, count: plan.jobs, timed: plan.timed, openLoop: false)
    }

    /// Makes each job's pipes, and lays out its files without leaving a name behind.
    ///
    /// - Throws: what the file system or a limit refused, with the remedy.
    public func prepare(
        in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> any PreparedWorkload {
        try PreparedSplices(plan, environment)
    }
}

extension SpliceWorkload {
    /// What it can be told.
    public static let settings: [Setting] = [
        Setting(
            "mode", .choice(SplicePlan.Mode.allCases.map(\.rawValue)), default: "file-file",
            "file to file, written pipe to file, file to read pipe, memory to pipe, or tee"),
        Setting(
            "gift", .flag, default: false, "vmsplice only: give the pages away (SPLICE_F_GIFT)"),
        Setting(
            "size", .size(1...1 << 30), default: .integer(64 << 10),
            "bytes of a chunk, which is moved from end to end at a time"),
        Setting(
            "file_size", .size(1...1 << 40), default: .integer(64 << 20),
            "bytes of each file; chunks start again at its beginning"),
        Setting(
            "pipe_size", .size(1...1 << 30), default: nil,
            "bytes that fit into a pipe, which the kernel rounds up; its default without"),
        Setting("storage", .text, default: "directory", "what to make files on: zram:ext4, ..."),
        Setting("directory", .path, default: nil, "where files go with storage=directory"),
        Setting("verify", .flag, default: false, "prove that what arrives is what was sent"),
        Setting("timing", .choice(["op", "off"]), default: "op", "time each chunk, or none"),
        Setting("jobs", .count(1...1024), default: 1, "jobs, each with its own pipes and files"),
        Setting("workers", .choice(["thread", "process"]), default: "thread", "what a job is"),
        Setting("cpus", .cpus, default: nil, "the CPUs that jobs are held to"),
    ]
}
