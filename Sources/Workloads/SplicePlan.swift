// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A splice workload's settings, read and checked.
struct SplicePlan: Sendable {
    /// From where to where a chunk goes.
    enum Mode: String, Sendable, CaseIterable {
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

        var readsFile: Bool { self == .fileFile || self == .filePipe }
        var writesFile: Bool { self == .fileFile || self == .pipeFile }
        var files: Int { (readsFile ? 1 : 0) + (writesFile ? 1 : 0) }
        /// Whether chunks start in this process's memory.
        var sends: Bool { !readsFile }
        /// Whether chunks end in this process's memory.
        var receives: Bool { !writesFile }
    }

    let mode: Mode
    let isGift: Bool
    let chunk: Int
    let fileSize: Int
    let pipeSize: Int?
    let storage: String
    let directory: String?
    let verifies: Bool
    let timed: Bool
    let jobs: Int
    let workers: Staffing.Kind
    let placement: WorkerPlacement

    init(_ values: SettingValues) throws(PlumblineError) {
        mode = Mode(rawValue: values.text("mode")) ?? .fileFile
        isGift = values.flag("gift")
        chunk = values.integer("size")
        fileSize = values.integer("file_size")
        pipeSize = values.optionalInteger("pipe_size")
        storage = values.text("storage")
        directory = values.optionalText("directory")
        verifies = values.flag("verify")
        timed = values.text("timing") == "op"
        jobs = values.integer("jobs")
        workers = values.text("workers") == "process" ? .process : .thread
        placement = WorkerPlacement(values, cpus: "cpus")
        if isGift, mode != .vmsplice {
            throw values.invalid(
                "gift", "has no pages to give with mode=\(mode.rawValue)",
                remedy: "set mode=vmsplice, or leave gift out")
        }
        if isGift, !chunk.isMultiple(of: MappedMemory.pageSize) {
            throw values.invalid(
                "size", "is no whole number of pages, which a gift must be",
                remedy: "choose a multiple of \(MappedMemory.pageSize)")
        }
        if mode.files > 0, fileSize < chunk {
            throw values.invalid(
                "file_size", "is less than one chunk of \(ByteSize(chunk))",
                remedy: "choose file_size=\(ByteSize(chunk)) or more")
        }
        try checkStorage(values)
    }

    /// Refuses what has a device and no files on it.
    private func checkStorage(_ values: SettingValues) throws(PlumblineError) {
        guard mode.files > 0 else { return }
        guard !storage.hasPrefix("device:"), !Self.rawStorages.contains(storage) else {
            throw values.invalid(
                "storage", "is a device without a file system, and splice needs files",
                remedy: Self.placesForFiles)
        }
    }

    private static let rawStorages = ["zram", "loop", "brd", "null_blk", "virtio"]

    /// Where files can go, for a remedy.
    static let placesForFiles =
        "choose storage=directory, or one with a file system: zram:ext4, zram:xfs, loop:ext4, "
        + "loop:xfs, brd:ext4 or brd:xfs"

    /// Descriptors of all jobs' pipes and files.
    var descriptors: Int { jobs * ((mode == .tee ? 4 : 2) + mode.files) }

    /// Chunks that a file holds.
    var chunksInFile: Int { fileSize / chunk }

    /// Chunks that a job keeps in memory: of gifts several, which are never written again.
    var chunksInMemory: Int { isGift ? max(1, min(16, (64 << 20) / chunk)) : 1 }

    /// Bytes of memory that a job takes.
    var bytesInMemory: Int {
        let pipe = pipeSize ?? PipePlan.defaultSize
        return (mode.sends ? chunksInMemory * chunk : 0) + (mode.receives ? chunk : 0)
            + (mode == .tee ? 2 : 1) * pipe
    }

    /// Bytes of files that all jobs take.
    var bytesOnStorage: Int { jobs * mode.files * fileSize }

    /// Where in a job's seeded stream an operation's chunk lies.
    ///
    /// What comes from a file, or from gifted memory, is the same each time round.
    func streamPosition(_ operation: Int) -> UInt64 {
        if mode.readsFile { return UInt64(fileOffset(operation)) }
        return UInt64((isGift ? operation % chunksInMemory : operation) * chunk)
    }

    /// Where in the files an operation's chunk lies.
    func fileOffset(_ operation: Int) -> Int { operation % chunksInFile * chunk }
}
