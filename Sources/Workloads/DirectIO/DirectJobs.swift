// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux

extension DirectWorkload: Workload {
    package func prepare(
        in environment: WorkloadEnvironment
    ) throws(PlumblineError) -> any PreparedWorkload {
        // A file and a ring each.
        try OpenFileLimit.makeRoom(
            for: 2 * (workers == .thread ? jobs : 1), "\(Self.name): numjobs=\(jobs)",
            or: "set workers=process, or a smaller numjobs")
        let site = try DirectSite(self, environment)
        return try DirectJobs(self, site, seed: seed ?? environment.seed)
    }
}

/// A direct-I/O cell, checked and laid out, ready to run in its jobs.
final class DirectJobs: PreparedWorkload {
    private let plan: DirectWorkload
    private let site: DirectSite
    private let seed: UInt64
    /// Held as long as the workers are resident.
    private let claim: DeviceClaim?

    init(_ plan: DirectWorkload, _ site: DirectSite, seed: UInt64) throws(PlumblineError) {
        self.plan = plan
        self.site = site
        self.seed = seed
        claim = try site.claim()
    }

    /// One job: it opens the file itself, as fio's jobs do, so that none shares an open file.
    func run(_ worker: inout Worker) throws(PlumblineError) {
        try plan.placement.apply(job: worker.index)
        let region = site.regions[worker.index]
        let job = DirectJob(
            plan: plan, region: region, clock: worker.clock,
            seed: SplitMix64.mixed(seed &+ UInt64(worker.index)))
        let file = try DirectSite.openDirect(
            region.path, plan.access.writes ? .readWrite : .read, for: plan)
        switch plan.engine {
        case .ring:
            var loop = try RingLoop(job, file)
            while worker.awaitSlice() { try loop.run(&worker, seed: sliceSeed(worker)) }
        case .sync:
            var loop = try SyncLoop(job, file)
            while worker.awaitSlice() { try loop.run(&worker, seed: sliceSeed(worker)) }
        }
    }

    /// The seed of a job's offsets in this slice.
    private func sliceSeed(_ worker: Worker) -> UInt64 {
        SplitMix64.mixed((plan.seed ?? worker.gate.seed) &+ UInt64(worker.index))
    }

    /// Nothing: each job opens its own file.
    func close() {}
}

/// What one job is to do.
struct DirectJob: Sendable {
    let plan: DirectWorkload
    let region: DirectSite.Region
    let clock: FastClock
    /// Of this job's data.
    let seed: UInt64

    /// The blocks it will touch in a slice with this seed.
    func sequence(seed: UInt64) -> OffsetSequence {
        OffsetSequence(
            plan.access, readShare: plan.readShare, blocks: plan.blocks, seed: seed)
    }

    /// A buffer for each request in flight, filled with what does not compress.
    func buffers() throws(PlumblineError) -> MappedMemory {
        let memory = try DirectMemory.map(bytes: plan.depth * plan.blockSize)
        if plan.access.writes {
            var random = SplitMix64(seed: ~seed)
            for word in memory.bytes.bindMemory(to: UInt64.self).indices {
                memory.bytes.storeBytes(of: random.next(), toByteOffset: word * 8, as: UInt64.self)
            }
        }
        return memory
    }
}
