// SPDX-License-Identifier: GPL-3.0-or-later

/// What the kernel did for the workers over one traced slice.
public struct MechanismRecord: Codable, Sendable, Equatable {
    /// What was counted, and nothing where events were dropped.
    public var counts: [MechanismCount]
    /// The waits of workers for a mutex that ended in the slice, nanoseconds, ascending: each of them, or
    /// of very many every nth.
    public var waits: [UInt64]
    /// Events that were dropped because a buffer was full.
    public var dropped: Int
    /// Events that were taken in.
    public var events: Int

    private enum CodingKeys: String, CodingKey {
        case counts
        case waits = "waits_ns"
        case dropped, events
    }

    /// A record.
    public init(
        counts: [MechanismCount] = [], waits: [UInt64] = [], dropped: Int = 0, events: Int = 0
    ) {
        self.counts = counts
        self.waits = waits
        self.dropped = dropped
        self.events = events
    }
}

/// Something that was counted over a traced slice.
public struct MechanismCount: Codable, Sendable, Equatable {
    /// What can be counted.
    public enum Quantity: String, Codable, Sendable, CaseIterable {
        /// Pages that workers took from the page allocator.
        case pages = "pages allocated"
        /// Those of them that a worker took while it held a mutex.
        case lockedPages = "pages allocated under a mutex"
        /// Objects that workers took by kmalloc.
        case kmallocs
        /// Those of them that a worker took while it held a mutex.
        case lockedKmallocs = "kmallocs under a mutex"
        /// Objects that workers took from slab caches of their own.
        case slabObjects = "slab cache allocations"
        /// Structures of direct I/O that came from an allocator, and not from a cache before it.
        case structures = "direct I/O structures allocated"
        /// Requests that completed in a task.
        case taskCompletions = "completions in task context"
        /// Requests that completed in a soft interrupt.
        case softirqCompletions = "completions in softirq"
        /// Requests that completed in a hard interrupt.
        case hardirqCompletions = "completions in hardirq"
        /// Requests that completed on another CPU than they were submitted on.
        case otherCPUs = "completions on another CPU"
        /// Of the requests that complete in a task on the CPU that submitted them, those whose
        /// structure came from no allocator: from a cache before it, or there is none.
        case taskHits = "structure cache hits, task, same CPU"
        /// The same of those that complete in a task on another CPU.
        case taskHitsElsewhere = "structure cache hits, task, another CPU"
        /// The same of those that complete in a soft interrupt on the CPU that submitted them.
        case softirqHits = "structure cache hits, softirq, same CPU"
        /// The same of those that complete in a soft interrupt on another CPU.
        case softirqHitsElsewhere = "structure cache hits, softirq, another CPU"
        /// The same of those that complete in a hard interrupt on the CPU that submitted them.
        case hardirqHits = "structure cache hits, hardirq, same CPU"
        /// The same of those that complete in a hard interrupt on another CPU.
        case hardirqHitsElsewhere = "structure cache hits, hardirq, another CPU"
        /// Waits of workers for mutexes.
        case waits = "waits for a mutex"
        /// The time of these waits.
        case waitTime = "time waiting for a mutex"
        /// The longest wait of 99 in 100.
        case waitP99 = "p99 wait for a mutex"
        /// The part of the time in which another task was in direct reclaim.
        case waitsInReclaim = "of it while another task reclaims"
        /// Times that workers entered direct reclaim.
        case workerReclaims = "direct reclaims by workers"
        /// The time that they spent in it.
        case workerReclaimTime = "time of workers in direct reclaim"
        /// The pages that they freed.
        case workerReclaimPages = "pages reclaimed by workers"
        /// Times that workers entered direct reclaim to allocate a request's structure.
        case structureReclaims = "direct reclaims for direct I/O structures"
        /// The time that they spent in it.
        case structureReclaimTime = "time in direct reclaim for direct I/O structures"
        /// Times that hogs entered direct reclaim.
        case hogReclaims = "direct reclaims by hogs"
        /// The time that they spent in it.
        case hogReclaimTime = "time of hogs in direct reclaim"
        /// The pages that they freed.
        case hogReclaimPages = "pages reclaimed by hogs"
        /// Times that other tasks entered direct reclaim.
        case otherReclaims = "direct reclaims by others"
        /// The time that they spent in it.
        case otherReclaimTime = "time of others in direct reclaim"
        /// The pages that they freed.
        case otherReclaimPages = "pages reclaimed by others"
        /// Allocations of the workload's slab caches that took the fast path: a sheaf, or before
        /// Linux 7.0 the CPU's slab.
        case slabHits = "slab fast path"
        /// Objects that were put into sheaves.
        case sheafRefills = "objects refilled into sheaves"

        /// What a value counts.
        public var unit: String {
            switch self {
            case .pages, .lockedPages: "pages/op"
            case .kmallocs, .lockedKmallocs, .slabObjects: "/op"
            case .structures: "/request"
            case .taskCompletions, .softirqCompletions, .hardirqCompletions, .otherCPUs,
                .waitsInReclaim, .slabHits, .taskHits, .taskHitsElsewhere, .softirqHits,
                .softirqHitsElsewhere, .hardirqHits, .hardirqHitsElsewhere:
                "%"
            case .waits, .workerReclaims, .structureReclaims, .hogReclaims, .otherReclaims: "/s"
            case .waitTime, .workerReclaimTime, .structureReclaimTime, .hogReclaimTime,
                .otherReclaimTime:
                "ms/s"
            case .waitP99: "ns"
            case .workerReclaimPages, .hogReclaimPages, .otherReclaimPages: "pages/s"
            case .sheafRefills: "/100 allocations"
            }
        }

        /// Whether it is a part of requests, of a cache's allocations, or of waits, that a slice may
        /// have none of; then it has no value.
        public var isOfPart: Bool {
            switch self {
            case .taskHits, .taskHitsElsewhere, .softirqHits, .softirqHitsElsewhere, .hardirqHits,
                .hardirqHitsElsewhere, .slabHits, .sheafRefills, .waitsInReclaim:
                true
            default: false
            }
        }

        /// Whether it is told of a number of events: operations, requests or allocations, and not of
        /// a time.
        public var isOfEvents: Bool {
            switch unit {
            case "/s", "ms/s", "pages/s", "ns": false
            default: self != .waitsInReclaim
            }
        }
    }

    /// What was counted.
    public var quantity: Quantity
    /// The function of the kernel that wanted the memory, of a slab's figure the cache; absent for all
    /// of them together.
    public var function: String?
    /// The value, in the quantity's unit.
    public var value: Double
    /// What the value is told of: how many operations, requests or allocations, or how many
    /// nanoseconds, of the slice or of waits. So much the slice weighs beside others.
    public var base: Double

    private enum CodingKeys: String, CodingKey {
        case quantity = "name"
        case function, value, base
    }

    /// A count.
    public init(
        _ quantity: Quantity, of function: String? = nil, _ value: Double, per base: Double
    ) {
        self.quantity = quantity
        self.function = function
        self.value = value
        self.base = base
    }
}
