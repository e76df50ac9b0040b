// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Moving bytes through a pipe without copying them: `splice(2)`, `vmsplice(2)` and `tee(2)`.
package struct SpliceWorkload: WorkloadDescription {
    package static let name = "splice"
    package static let summary = "splice, vmsplice and tee through a pipe"
    /// One operation is one chunk moved from end to end.
    package static let tracks = ["splice"]
    package static let rateUnit = RateUnit.bytes
    package static let keys = SpliceSettings()
    package static let settings = keys.settings
    package static let nameHead = "{mode}/{size}"
    package static let shortHead = "{mode} [{size}]"

    /// From where to where a chunk goes.
    package enum Mode: String, SettingChoice, Sendable {
        /// `splice(2)` from a file into the pipe, and from there into another file.
        case fileFile = "file-file"
        /// `write(2)` into the pipe, `splice(2)` into a file.
        case pipeFile = "pipe-file"
        /// `splice(2)` from a file into the pipe, `read(2)` from there.
        case filePipe = "file-pipe"
        /// `vmsplice(2)` from memory into the pipe, `read(2)` from there.
        case vmsplice
        /// `write(2)` into a pipe, `tee(2)` into a second one, `read(2)` from both.
        case tee

        package var readsFile: Bool { self == .fileFile || self == .filePipe }
        package var writesFile: Bool { self == .fileFile || self == .pipeFile }
        package var files: Int { (readsFile ? 1 : 0) + (writesFile ? 1 : 0) }
        /// Whether chunks start in this process's memory.
        package var sends: Bool { !readsFile }
        /// Whether chunks end in this process's memory.
        package var receives: Bool { !writesFile }
    }

    package let values: SettingValues
    package let mode: Mode
    package let isGift: Bool
    package let chunk: Int
    package let fileSize: Int
    package let pipeSize: Int?
    /// A place for each job's files, unless nothing but memory is spliced.
    package let storage: StorageSpec?
    package let verifies: Bool
    package let timed: Bool
    package let jobs: Int
    package let workers: WorkerLayout.Kind
    package let placement: WorkerPlacement

    package init(_ values: SettingValues) throws(PlumblineError) {
        let keys = Self.keys
        self.values = values
        mode = values[keys.mode]
        isGift = values[keys.gift]
        chunk = values[keys.size]
        fileSize = values[keys.fileSize]
        pipeSize = values[keys.pipeSize]
        verifies = values[keys.verify]
        timed = values[keys.timing] == .op
        jobs = values[keys.jobs]
        workers = values[keys.workers]
        placement = WorkerPlacement(cpus: values[keys.cpus])
        try Self.check(values)
        storage =
            mode.files == 0
            ? nil
            : try StorageSpec(
                text: values[keys.storage], size: jobs * mode.files * fileSize,
                directory: values[keys.directory], writes: true, allowDestructive: true)
        // Permission is no question: a given device has no file system for us.
        if let storage, storage.fileSystem == nil, storage.backing != .directory {
            throw values.invalid(
                keys.storage, "is a device without a file system, and splice needs files",
                remedy: Self.placesForFiles)
        }
    }

    private static func check(_ values: SettingValues) throws(PlumblineError) {
        let (mode, chunk) = (values[keys.mode], values[keys.size])
        if values[keys.gift], mode != .vmsplice {
            throw values.invalid(
                keys.gift, "has no pages to give with mode=\(mode.rawValue)",
                remedy: "set mode=vmsplice, or leave gift out")
        }
        if values[keys.gift], !chunk.isMultiple(of: MappedMemory.pageSize) {
            throw values.invalid(
                keys.size, "is no whole number of pages, which a gift must be",
                remedy: "choose a multiple of \(MappedMemory.pageSize)")
        }
        if mode.files > 0, values[keys.fileSize] < chunk {
            throw values.invalid(
                keys.fileSize, "is less than one chunk of \(ByteSize(chunk))",
                remedy: "choose file_size=\(ByteSize(chunk)) or more")
        }
    }

    /// Where files can go, for a remedy.
    package static let placesForFiles =
        "choose storage=directory, or one with a file system: zram:ext4, zram:xfs, loop:ext4, "
        + "loop:xfs, brd:ext4 or brd:xfs"

    package var placements: [WorkerPlacement] { [placement] }

    /// Each job's chunks in memory, and what fits into its pipes.
    package var bufferBytes: Int {
        let pipe = pipeSize ?? PipeWorkload.defaultSize
        return jobs
            * ((mode.sends ? chunksInMemory * chunk : 0) + (mode.receives ? chunk : 0)
                + (mode == .tee ? 2 : 1) * pipe)
    }

    /// A pipe's ring of buffers (`fs/pipe.c`), made anew when its size is set.
    package var slabCaches: [String] { ["kmalloc-cg-*"] }

    /// One worker a job.
    package var layout: WorkerLayout { WorkerLayout(kind: workers, count: jobs, timed: timed) }

    /// Descriptors of all jobs' pipes and files.
    package var descriptors: Int { jobs * ((mode == .tee ? 4 : 2) + mode.files) }

    /// Chunks that a file holds.
    package var chunksInFile: Int { fileSize / chunk }

    /// Chunks that a job keeps in memory: of gifts several, which are never written again.
    package var chunksInMemory: Int { isGift ? max(1, min(16, (64 << 20) / chunk)) : 1 }
}

/// The settings of a splice workload.
package struct SpliceSettings: SettingGroup {
    let mode = SettingKey<SpliceWorkload.Mode>(
        "mode", default: .fileFile,
        help: "file to file, written pipe to file, file to read pipe, memory to pipe, or tee")
    let gift = SettingKey<Bool>(
        "gift", .flag, default: false, help: "vmsplice only: give the pages away (SPLICE_F_GIFT)")
    let size = SettingKey<Int>(
        "size", .size(1...1 << 30), default: 64 << 10,
        help: "bytes of a chunk, which is moved from end to end at a time")
    let fileSize = SettingKey<Int>(
        "file_size", .size(1...1 << 40), default: 64 << 20,
        help: "bytes of each file; chunks start again at its beginning")
    let pipeSize = CommonSettings.pipeSize
    let storage = CommonSettings.storage
    let directory = CommonSettings.directory
    let verify = CommonSettings.verify("prove that what arrives is what was sent")
    let timing = CommonSettings.timing
    let jobs = SettingKey<Int>(
        "jobs", .count(1...1024), default: 1, help: "jobs, each with its own pipes and files")
    let workers = CommonSettings.workers
    let cpus = CommonSettings.cpus("cpus", of: "jobs")
}
