// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Direct I/O on a file or block device, in fio's words and with fio's meaning.
public struct DirectWorkload: Workload {
    /// The word in suites.
    public static let name = "dio"
    /// One line for a help text.
    public static let summary = "direct I/O on a file or block device, told in fio's words"
    /// Reads are counted by a worker's first recorder, writes by its second.
    public static let tracks = ["read", "write"]

    let plan: DirectPlan
    private let values: SettingValues

    /// Checks that the values go together.
    ///
    /// - Throws: `usage`, naming the setting and the remedy.
    public init(_ values: SettingValues) throws(PlumblineError) {
        try Self.refuseElsewhere(values)
        self.values = values
        plan = try DirectPlan(values)
    }

    /// `randread/4KiB/qd128/io_uring` and every other setting that differs from its default.
    public var cellName: String {
        let head = [
            plan.access.rawValue, "\(ByteSize(plan.blockSize))", "qd\(plan.depth)",
            plan.engine.rawValue,
        ]
        let shown = ["rw", "bs", "iodepth", "ioengine"]
        let rest = values.changed.filter { !shown.contains($0.setting.name) }.map { change in
            if case .size = change.setting.kind, let bytes = change.value.integer {
                return "\(change.setting.name)=\(ByteSize(bytes))"
            }
            return "\(change.setting.name)=\(change.value)"
        }
        return (head + rest).joined(separator: "/")
    }

    /// The kinds of operation that `rw` has.
    public var rateTracks: [String] {
        (plan.access.reads ? ["read"] : []) + (plan.access.writes ? ["write"] : [])
    }

    /// One buffer of `bs` for each request that a job may have in flight.
    public var bufferBytes: Int { plan.jobs * plan.depth * plan.blockSize }

    /// What `storage` names; a `filename` of a block device is a given device, any other needs none.
    public var storage: StorageSpec? {
        get throws(PlumblineError) {
            if let file = plan.filename, !DirectSite.isDevice(file) { return nil }
            return try StorageSpec(
                text: plan.filename.map { "device:\($0)" } ?? plan.storage,
                size: plan.jobs * plan.regionSize, directory: plan.directory,
                writes: plan.access.writes, allowDestructive: plan.allowDestructive,
                interruptMode: plan.interruptMode)
        }
    }

    /// Where the structures of one direct I/O come from; names that a kernel lacks do no harm.
    ///
    /// iomap's `struct iomap_dio` has 96 bytes (`fs/iomap/direct-io.c`), io_uring's request is an
    /// `io_kiocb`, and the bio's size differs from version to version.
    public var slabCaches: [String] {
        [
            "kmalloc-96", "kmalloc-128", "iomap_dio", "io_kiocb", "bio-184", "bio-192", "bio-200",
            "biovec-16", "biovec-64", "biovec-128", "biovec-max",
        ]
    }

    /// One worker a job.
    public var staffing: Staffing {
        Staffing(
            kind: plan.workers, count: plan.jobs, timed: plan.timed, openLoop: plan.rate > 0)
    }

    /// Finds or lays out the files, and checks what the jobs will need of the machine.
    ///
    /// - Throws: what is wrong with the file, its file system or a limit, with the remedy.
    public func prepare(
        in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> any PreparedWorkload {
        // A file and a ring each.
        try OpenFileLimit.makeRoom(
            for: 2 * (plan.workers == .thread ? plan.jobs : 1), "dio: numjobs=\(plan.jobs)",
            or: "set workers=process, or a smaller numjobs")
        let site = try DirectSite(plan, environment)
        return try DirectJobs(plan, site, seed: plan.seed ?? environment.seed)
    }
}
