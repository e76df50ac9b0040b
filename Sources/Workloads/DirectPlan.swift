// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A direct-I/O cell's settings, checked against each other and ready for the loops.
struct DirectPlan: Sendable {
    /// fio's `rw`.
    enum Access: String, CaseIterable, Sendable {
        case read, write, randread, randwrite, rw, randrw

        var isRandom: Bool { self == .randread || self == .randwrite || self == .randrw }
        var isMixed: Bool { self == .rw || self == .randrw }
        var reads: Bool { self == .read || self == .randread || isMixed }
        var writes: Bool { self == .write || self == .randwrite || isMixed }
    }

    /// fio's `ioengine`.
    enum Engine: String, CaseIterable, Sendable {
        case ring = "io_uring"
        case sync = "psync"
    }

    let access: Access
    /// Percent of reads where `access` is mixed.
    let readShare: Int
    let blockSize: Int
    /// Bytes that a job works on.
    let regionSize: Int
    let filename: String?
    let storage: String
    /// null_blk's `irqmode`.
    let interruptMode: Int
    let directory: String?
    let allowDestructive: Bool
    let engine: Engine
    let depth: Int
    let submitBatch: Int
    let completeMin: Int
    let fixedBuffers: Bool
    let registersFile: Bool
    let registersRing: Bool
    let polls: Bool
    let kernelSubmits: Bool
    /// Requests a second and job; 0 for a closed loop.
    let rate: Double
    /// Percent by which requests take longer.
    let handicap: Double
    let timed: Bool
    let verifies: Bool
    /// The seed of the offsets in every slice; `nil` for the slice's own.
    let seed: UInt64?
    let jobs: Int
    let workers: Staffing.Kind
    let placement: JobPlacement

    /// Blocks in a job's region.
    var blocks: Int { regionSize / blockSize }

    init(_ values: SettingValues) throws(PlumblineError) {
        access = Access(rawValue: values.text("rw"))!
        readShare = values.integer("rwmixread")
        blockSize = values.integer("bs")
        regionSize = values.integer("size")
        filename = values.optionalText("filename")
        storage = values.text("storage")
        interruptMode = values.integer("irqmode")
        directory = values.optionalText("directory")
        allowDestructive = values.flag("allow_destructive")
        engine = Engine(rawValue: values.text("ioengine"))!
        depth = values.integer("iodepth")
        submitBatch = values.integer("iodepth_batch_submit")
        completeMin = values.integer("iodepth_batch_complete_min")
        fixedBuffers = values.flag("fixedbufs")
        registersFile = values.flag("registerfiles")
        registersRing = values.flag("registerring")
        polls = values.flag("hipri")
        kernelSubmits = values.flag("sqthread_poll")
        rate = values.number("rate_iops")
        handicap = try values.handicap(rate: rate, named: "rate_iops")
        timed = values.text("timing") == "op"
        verifies = values.flag("verify")
        seed = values.optionalInteger("randseed").map { UInt64($0) }
        jobs = values.integer("numjobs")
        workers = Staffing.Kind(rawValue: values.text("workers"))!
        placement = try JobPlacement(values)
        try checkSizes(values)
        try checkQueue(values)
        try checkPlace(values)
    }

    private func checkSizes(_ values: SettingValues) throws(PlumblineError) {
        guard blockSize.isMultiple(of: BlockHeader.sectorBytes) else {
            throw values.invalid(
                "bs", "is not a multiple of 512, the smallest unit of direct I/O",
                remedy: "choose a multiple of 512, such as 4k")
        }
        guard regionSize >= blockSize, regionSize.isMultiple(of: blockSize) else {
            let nearest = max(1, regionSize / blockSize) * blockSize
            throw values.invalid(
                "size", "is not a multiple of bs=\(blockSize)",
                remedy: "choose a multiple of bs, such as size=\(ByteSize(nearest))")
        }
        guard jobs.multipliedReportingOverflow(by: regionSize).overflow == false,
            depth * blockSize <= 1 << 36
        else {
            throw values.invalid(
                "bs", "times iodepth, or size times numjobs, is more than any machine has",
                remedy: "choose less")
        }
    }

    private func checkQueue(_ values: SettingValues) throws(PlumblineError) {
        for name in ["iodepth_batch_submit", "iodepth_batch_complete_min"]
        where values.integer(name) > depth {
            throw values.invalid(
                name, "is more than iodepth=\(depth)", remedy: "choose at most iodepth")
        }
        guard engine == .sync else { return }
        if depth > 1 {
            throw values.invalid(
                "iodepth", "cannot be had with ioengine=psync, which has one request in flight",
                remedy: "set iodepth=1, or more numjobs, or ioengine=io_uring")
        }
        for name in ["fixedbufs", "registerfiles", "hipri", "sqthread_poll"]
        where values.flag(name) {
            throw values.invalid(
                name, "needs a ring, which ioengine=psync has not",
                remedy: "leave it out, or set ioengine=io_uring")
        }
    }

    private func checkPlace(_ values: SettingValues) throws(PlumblineError) {
        if interruptMode != 0, filename != nil || !storage.hasPrefix("null_blk") {
            throw values.invalid(
                "irqmode", "is for null_blk alone",
                remedy: "leave it out, or set storage=null_blk or null_blk:ext4")
        }
        guard filename != nil || storage.hasPrefix("device:") else { return }
        if verifies, !access.writes {
            throw values.invalid(
                "verify", "cannot prove what this tool did not write",
                remedy: "leave filename out to have a file made, or choose an rw that writes")
        }
        if access.writes, !allowDestructive {
            throw values.invalid(
                "rw", "would overwrite \(filename ?? storage)",
                remedy: "add --allow-destructive if its contents may be lost")
        }
    }
}
