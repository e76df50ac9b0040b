// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux

/// Direct I/O on a file or block device, in fio's words and with fio's meaning.
package struct DirectWorkload: WorkloadDescription {
    package static let name = "dio"
    package static let summary = "direct I/O on a file or block device, in fio's words"
    /// Reads are counted by a worker's first recorder, writes by its second.
    package static let tracks = ["read", "write"]
    package static let rateUnit = RateUnit.operations
    package static let keys = DirectSettings()
    package static let settings = keys.settings + RefusedFioOptions.settings
    package static let nameHead = "{rw}/{bs}/qd{iodepth}/{ioengine}"
    package static let shortHead = "{rw} {bs} qd{iodepth} {ioengine} [{storage}]"

    /// fio's `rw`.
    package enum Access: String, SettingChoice, Sendable {
        case read, write, randread, randwrite, rw, randrw

        package var isRandom: Bool { self == .randread || self == .randwrite || self == .randrw }
        package var isMixed: Bool { self == .rw || self == .randrw }
        package var reads: Bool { self == .read || self == .randread || isMixed }
        package var writes: Bool { self == .write || self == .randwrite || isMixed }
    }

    /// fio's `ioengine`.
    package enum Engine: String, SettingChoice, Sendable {
        case ring = "io_uring"
        case sync = "psync"
    }

    /// When completions are taken from the ring.
    package enum Reaping: String, SettingChoice, Sendable {
        /// When the depth is full, after waiting for `iodepth_batch_complete_min` of them.
        case full
        /// After each submission: what completes at once is taken at once, and its buffer is used
        /// by the next batch. Only when no other batch fits into the depth, the job waits.
        case each
    }

    package let values: SettingValues
    package let access: Access
    /// Percent of reads where `access` is mixed.
    package let readShare: Int
    package let blockSize: Int
    /// Bytes that a job works on.
    package let regionSize: Int
    package let filename: String?
    package let storageName: String
    /// What `storage` names; a `filename` of a block device is a given device, any other needs none.
    package let storage: StorageSpec?
    /// Whether reads leave the time of last access as it is; `nil` for where that is permitted.
    package let keepsAccessTime: Bool?
    package let engine: Engine
    package let depth: Int
    package let submitBatch: Int
    package let completeMin: Int
    /// Whether completions are taken after each submission.
    package let reapsEach: Bool
    package let fixedBuffers: Bool
    package let registersFile: Bool
    package let registersRing: Bool
    package let polls: Bool
    package let kernelSubmits: Bool
    /// Requests a second and job; 0 for a closed loop.
    package let rate: Double
    /// Percent by which requests take longer.
    package let handicap: Double
    package let timed: Bool
    package let verifies: Bool
    /// The seed of the offsets in every slice; `nil` for the slice's own.
    package let seed: UInt64?
    package let jobs: Int
    package let workers: WorkerLayout.Kind
    package let placement: JobPlacement

    package init(_ values: SettingValues) throws(PlumblineError) {
        let keys = Self.keys
        try RefusedFioOptions.check(values)
        self.values = values
        access = values[keys.rw]
        readShare = values[keys.rwmixread]
        blockSize = values[keys.bs]
        regionSize = values[keys.size]
        filename = values[keys.filename]
        storageName = values[keys.storage]
        keepsAccessTime = values[keys.noatime]
        engine = values[keys.ioengine]
        depth = values[keys.iodepth]
        submitBatch = values[keys.batchSubmit]
        completeMin = values[keys.batchCompleteMin]
        reapsEach = values[keys.reap] == .each
        fixedBuffers = values[keys.fixedbufs]
        registersFile = values[keys.registerfiles]
        registersRing = values[keys.registerring]
        polls = values[keys.hipri]
        kernelSubmits = values[keys.sqthreadPoll]
        rate = values[keys.rate]
        handicap = try values.handicap(besides: keys.rate)
        timed = values[keys.timing] == .op
        verifies = values[keys.verify]
        seed = values[keys.randseed].map { UInt64($0) }
        jobs = values[keys.numjobs]
        workers = values[keys.workers]
        placement = try JobPlacement(values)
        try Self.check(values)
        storage = try Self.storage(values)
    }

    /// Random reads of 4 KiB of one file, or of the device, in a storage.
    package init(reading storage: StorageSpec) throws(PlumblineError) {
        let keys = Self.keys
        var given: [String: SettingValue] = [
            keys.storage.name: .text(storage.text), keys.size.name: .integer(storage.size),
        ]
        given[keys.directory.name] = storage.directory.map { .text($0) }
        try self.init(SettingValues(given, declared: Self.settings, owner: Self.name))
    }

    private static func storage(_ values: SettingValues) throws(PlumblineError) -> StorageSpec? {
        var name = values[keys.storage]
        if let file = values[keys.filename] {
            guard isDevice(file) else { return nil }
            name = "device:\(file)"
        }
        return try StorageSpec(
            text: name, size: values[keys.numjobs] * values[keys.size],
            directory: values[keys.directory], writes: values[keys.rw].writes,
            allowDestructive: values[keys.allowDestructive], interruptMode: values[keys.irqmode],
            completionDelay: values[keys.completionDelay],
            isMemoryBacked: values[keys.memoryBacked])
    }

    /// Whether a path names a block device; one that is not there does when it is below /dev.
    private static func isDevice(_ path: String) -> Bool {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return path.hasPrefix("/dev/") }
        return facts.st_mode & S_IFMT == S_IFBLK
    }

    /// Blocks in a job's region.
    package var blocks: Int { regionSize / blockSize }

    /// The kinds of operation that `rw` has.
    package var rateTracks: [String] {
        (access.reads ? ["read"] : []) + (access.writes ? ["write"] : [])
    }

    package var queueDepth: Int? { jobs * depth }

    package var placements: [WorkerPlacement] {
        [WorkerPlacement(cpus: placement.cpus)] + placement.nodes.map { WorkerPlacement(node: $0) }
    }

    /// One buffer of `bs` for each request that a job may have in flight.
    package var bufferBytes: Int { jobs * depth * blockSize }

    /// A file that is given to a guest is on the guest's own file system.
    package var guestPrograms: Set<GuestProgram> { storage.map(GuestProgram.of) ?? [.makeExt4] }

    /// Who polls completes requests itself.
    package var completion: StorageSpec.Completion? { polls ? .inline : storage?.completion }

    /// Where the structures of one direct I/O come from; names that a kernel lacks do no harm.
    ///
    /// iomap's `struct iomap_dio` has 96 bytes (`fs/iomap/direct-io.c`), io_uring's request is an
    /// `io_kiocb`, and the bio's size differs from version to version.
    package var slabCaches: [String] {
        [
            "kmalloc-96", "kmalloc-128", "iomap_dio", "io_kiocb", "bio-184", "bio-192", "bio-200",
            "biovec-16", "biovec-64", "biovec-128", "biovec-max",
        ]
    }

    /// Who allocates iomap's `struct iomap_dio`: fs/iomap/direct-io.c as it is, and as our patches
    /// change it.
    package var requestAllocators: Set<String> { ["__iomap_dio_rw", "iomap_dio_alloc"] }

    /// One worker a job.
    package var layout: WorkerLayout {
        WorkerLayout(kind: workers, count: jobs, timed: timed, openLoop: rate > 0)
    }
}
