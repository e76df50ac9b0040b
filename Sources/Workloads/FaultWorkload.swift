// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Operations in which the kernel's allocations fail, one after the other
/// (Documentation/fault-injection/fault-injection.rst).
///
/// It is no load to measure: it shows that a change's error paths lose neither data nor memory.
public struct FaultWorkload: Workload {
    /// The word in suites.
    public static let name = "fault"
    /// One line for a help text.
    public static let summary = "operations in which allocations fail in turn, on a debug kernel"
    /// Pipes are written and read back, files are read.
    public static let tracks = ["write", "read"]

    let plan: FaultPlan
    private let values: SettingValues

    /// Checks that the values go together.
    ///
    /// - Throws: `usage`, naming the setting and the remedy.
    public init(_ values: SettingValues) throws(PlumblineError) {
        self.values = values
        plan = try FaultPlan(values)
    }

    /// `pipe/32KiB` and every other setting that differs from its default.
    public var cellName: String {
        ([plan.path.rawValue, "\(ByteSize(plan.size))"] + values.named(besides: ["path", "size"]))
            .joined(separator: "/")
    }

    /// What is written to a pipe, or read from a file.
    public var rateTracks: [String] { plan.path == .pipe ? ["write"] : ["read"] }

    /// Two buffers, and the largest pipe.
    public var bufferBytes: Int { 2 * plan.size + PipeAudit.pipeSize }

    /// A place for the file.
    public var storage: StorageSpec? {
        get throws(PlumblineError) {
            guard plan.path == .dio else { return nil }
            return try StorageSpec(
                text: plan.storage, size: plan.fileSize, directory: plan.directory, writes: true)
        }
    }

    /// None: nothing here is measured.
    public var slabCaches: [String] { [] }

    /// One: an allocation fails in the task that asked for it.
    public var staffing: Staffing {
        Staffing(kind: .process, count: 1, timed: true, openLoop: false)
    }

    /// Looks whether allocations can be made to fail, and lays out the file.
    ///
    /// - Throws: what the kernel lacks, with the remedy.
    public func prepare(
        in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> any PreparedWorkload {
        try FailNth.require()
        if plan.scans { try LeakScan.require() }
        if plan.flips, plan.switches.isEmpty {
            throw .failure(
                "fault: this kernel has no switch of a patch of ours to flip",
                remedy: "leave flip out, or boot one with a patch for \(plan.path.rawValue)")
        }
        return try PreparedFaults(plan, environment)
    }
}

extension FaultWorkload {
    /// What it can be told.
    public static let settings: [Setting] = [
        Setting(
            "path", .choice(FaultPlan.Path.allCases.map(\.rawValue)), default: "pipe",
            "write to a pipe, or read a file with direct I/O"),
        Setting(
            "size", .size(1...1 << 20), default: .integer(32 << 10),
            "bytes of an operation, which a pipe must hold"),
        Setting(
            "enomem", .flag, default: false,
            "whether an operation may fail with ENOMEM or come short when an allocation failed"),
        Setting(
            "flip", .flag, default: false,
            "flip the run-time switches of our patches after each round of failures"),
        Setting(
            "scan", .flag, default: false,
            "ask kmemleak afterwards for memory that got lost, here or earlier: takes its time"),
        Setting("storage", .text, default: "directory", "what to make the file on: brd:ext4, ..."),
        Setting("directory", .path, default: nil, "where the file goes with storage=directory"),
    ]
}

/// A fault workload's settings, read and checked.
struct FaultPlan: Sendable {
    enum Path: String, Sendable, CaseIterable { case pipe, dio }

    let path: Path
    let size: Int
    /// Whether a failed allocation may fail its operation.
    let mayFail: Bool
    /// Whether switches are flipped.
    let flips: Bool
    /// Whether kmemleak is asked.
    let scans: Bool
    let storage: String
    let directory: String?

    init(_ values: SettingValues) throws(PlumblineError) {
        path = Path(rawValue: values.text("path")) ?? .pipe
        size = values.integer("size")
        mayFail = values.flag("enomem")
        flips = values.flag("flip")
        scans = values.flag("scan")
        storage = values.text("storage")
        directory = values.optionalText("directory")
        if path == .dio, !size.isMultiple(of: MappedMemory.pageSize) {
            throw values.invalid(
                "size", "cannot be read with direct I/O",
                remedy: "choose a multiple of \(MappedMemory.pageSize)")
        }
    }

    /// The run-time switches that our patches may have given the kernel, `Y` or `N`.
    var switches: [String] {
        let all =
            path == .pipe
            ? ["pipe/parameters/prealloc"]
            : ["iomap/parameters/dio_cache", "iomap/parameters/dio_kmemcache"]
        return all.map { "/sys/module/\($0)" }.filter(SystemFile.exists)
    }

    /// Bytes of the file: operations start again at its beginning.
    var fileSize: Int { 16 * size }
}
