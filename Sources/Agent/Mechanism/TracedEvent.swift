// SPDX-License-Identifier: GPL-3.0-or-later

import Machine

/// The kernel's events that show what it does for workers.
enum TracedEvent: Int, CaseIterable {
    case pageAlloc
    case kmalloc
    case cacheAlloc
    case contentionBegin
    case contentionEnd
    case reclaimBegin
    case reclaimEnd
    case groupReclaimBegin
    case groupReclaimEnd
    case directBegin
    case directComplete
    /// The entry of a function.
    case function
    /// Where the event beside it came from.
    case stack

    /// Who is traced.
    enum Tasks {
        /// Workers only.
        case workers
        /// Everybody: what happens to a worker may happen in another task, or in an interrupt.
        case all
        /// Not an event of its own: it is not enabled.
        case implied
    }

    /// Its system and name, below `events` of tracefs.
    var path: String {
        switch self {
        case .pageAlloc: "kmem/mm_page_alloc"
        case .kmalloc: "kmem/kmalloc"
        case .cacheAlloc: "kmem/kmem_cache_alloc"
        case .contentionBegin: "lock/contention_begin"
        case .contentionEnd: "lock/contention_end"
        case .reclaimBegin: "vmscan/mm_vmscan_direct_reclaim_begin"
        case .reclaimEnd: "vmscan/mm_vmscan_direct_reclaim_end"
        case .groupReclaimBegin: "vmscan/mm_vmscan_memcg_reclaim_begin"
        case .groupReclaimEnd: "vmscan/mm_vmscan_memcg_reclaim_end"
        case .directBegin: "iomap/iomap_dio_rw_begin"
        case .directComplete: "iomap/iomap_dio_complete"
        case .function: "ftrace/function"
        case .stack: "ftrace/kernel_stack"
        }
    }

    /// Its fields that are looked at.
    var fields: [String] {
        switch self {
        case .pageAlloc: ["pfn", "order"]
        case .kmalloc, .cacheAlloc: ["call_site"]
        case .contentionBegin: ["lock_addr", "flags"]
        case .contentionEnd: ["lock_addr"]
        case .reclaimBegin, .groupReclaimBegin, .stack: []
        case .reclaimEnd, .groupReclaimEnd: ["nr_reclaimed"]
        case .directBegin: ["ino", "pos"]
        case .directComplete: ["ino", "pos", "ret"]
        case .function: ["ip", "parent_ip"]
        }
    }

    /// Who is traced.
    var tasks: Tasks {
        switch self {
        case .pageAlloc, .kmalloc, .cacheAlloc, .contentionBegin, .contentionEnd, .directBegin:
            .workers
        case .reclaimBegin, .reclaimEnd, .groupReclaimBegin, .groupReclaimEnd, .directComplete:
            .all
        case .function, .stack: .implied
        }
    }

    /// A condition beside the tasks: `LCB_F_MUTEX` of include/trace/events/lock.h.
    var condition: String? { self == .contentionBegin ? "flags & 32" : nil }

    /// How often a slice records where the event came from; nil for never.
    var stacks: String? {
        switch self {
        // A stack costs more than the event: the first ones show who allocates.
        case .pageAlloc: "stacktrace:200"
        case .reclaimBegin, .groupReclaimBegin: "stacktrace:1000"
        default: nil
        }
    }
}
