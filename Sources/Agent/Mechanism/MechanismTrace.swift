// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol

/// What was traced over a slice, from the opening of the gate on.
struct MechanismTrace {
    /// The most waits that a message holds.
    private static let mostWaits = 100_000

    /// In the order of time.
    var records: [TraceRecord]
    /// Events that were dropped.
    var dropped: Int
    /// The events that this kernel has.
    var events: Set<TracedEvent>
    /// Whether the function tracer shows who holds a mutex.
    var followsLocks: Bool
    /// The kernel's functions; nil where addresses are hidden.
    var symbols: KernelSymbols?

    /// The slice that was traced.
    struct Slice {
        /// From the first nanosecond of the measured part to its last, CLOCK_MONOTONIC.
        var window: ClosedRange<UInt64>
        /// Operations in it.
        var operations: UInt64
        /// The workers' threads.
        var workers: Set<Int32>
        /// The hogs' threads.
        var hogs: Set<Int32> = []
        /// Functions that allocate a request's structure.
        var requestAllocators: Set<String> = []
    }

    /// Of more waits than a message holds every nth, which moves no percentile that is told: a rank
    /// among 100 000 is off by less than 1.
    static func thinned(_ waits: [UInt64], to most: Int = mostWaits) -> [UInt64] {
        let step = max(1, (waits.count + most - 1) / most)
        return stride(from: step - 1, to: waits.count, by: step).map { waits[$0] }
    }

    /// What the kernel did for the workers in the slice.
    func record(of slice: Slice) -> MechanismRecord {
        var record = MechanismRecord(dropped: dropped, events: records.count)
        guard dropped == 0, slice.operations > 0 else { return record }
        var (allocations, waits) = (AllocationCount(), MutexWaits())
        var reclaims = Reclaims()
        var requests = DirectRequests(allocators: slice.requestAllocators, symbols)
        var sites = AllocationSites(symbols)
        for item in records {
            guard let event = TracedEvent(rawValue: item.event) else { continue }
            let isWorker = slice.workers.contains(item.thread)
            let counts = slice.window.contains(item.nanoseconds)
            switch event {
            case .pageAlloc, .kmalloc, .cacheAlloc, .function:
                guard isWorker else { continue }
                allocations.add(item, event, counts: counts, by: symbols)
                if event == .pageAlloc { sites.allocate(item) }
                if event == .kmalloc || event == .cacheAlloc {
                    requests.allocate(item, counts: counts)
                }
            case .contentionBegin, .contentionEnd:
                if isWorker { waits.add(item, isEnd: event == .contentionEnd) }
            case .reclaimBegin, .groupReclaimBegin: reclaims.begin(item)
            case .reclaimEnd, .groupReclaimEnd: reclaims.end(item)
            case .directBegin: if isWorker { requests.begin(item, counts: counts) }
            case .directComplete: requests.complete(item, counts: counts)
            case .stack:
                guard isWorker, let function = sites.add(item) else { continue }
                reclaims.enter(from: function, thread: item.thread)
            }
        }
        if !followsLocks { allocations.locked = nil }
        record.counts = allocations.counts(of: slice, sites: sites)
        record.counts += requests.counts
        if events.contains(.contentionBegin) {
            record.counts += waits.counts(in: slice.window, beside: reclaims.intervals)
            record.waits = Self.thinned(waits.lengths(in: slice.window))
        }
        record.counts += reclaims.counts(of: slice, namesFunctions: symbols != nil)
        return record
    }
}
