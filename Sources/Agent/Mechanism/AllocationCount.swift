// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol

/// What workers allocate, and what of it while they hold a mutex.
struct AllocationCount {
    /// The most functions that are named of each kind.
    static let mostSites = 8

    /// Pages from the page allocator.
    private(set) var pages = 0
    /// Pages and objects from kmalloc that were taken while the thread held a mutex; nil where that is
    /// not known.
    var locked: (pages: Int, kmallocs: Int)? = (0, 0)
    /// Objects from kmalloc by the address that called it.
    private var kmallocs: [UInt64: Int] = [:]
    /// Objects from slab caches in the same way.
    private var slabObjects: [UInt64: Int] = [:]
    /// Mutexes that each thread holds.
    private var held: [Int32: Int] = [:]
    /// Steps by the addresses of a function and of its caller.
    private var locks: [UInt64: [UInt64: Int]] = [:]

    /// Takes in an event of a worker.
    ///
    /// - Parameter counts: whether it is in the measured part of the slice.
    mutating func add(
        _ record: TraceRecord, _ event: TracedEvent, counts: Bool, by symbols: KernelSymbols?
    ) {
        switch event {
        case .function:
            held[record.thread] = max(
                0,
                held[record.thread, default: 0]
                    + step(record.fields.0, from: record.fields.1, symbols))
        // What an interrupt allocates is not the thread's.
        case _ where !counts || record.context != .task: return
        case .pageAlloc:
            let count = Self.pages(of: record)
            pages += count
            if held[record.thread, default: 0] > 0 { locked?.pages += count }
        case .kmalloc:
            kmallocs[record.fields.0, default: 0] += 1
            if held[record.thread, default: 0] > 0 { locked?.kmallocs += 1 }
        case .cacheAlloc: slabObjects[record.fields.0, default: 0] += 1
        default: return
        }
    }

    /// The pages that an event of the page allocator is of: 0 where it found none.
    static func pages(of record: TraceRecord) -> Int {
        record.fields.0 == .max ? 0 : 1 << Int(min(record.fields.1, 20))
    }

    /// 1 for the entry of a function that locks a mutex, -1 for one that unlocks it, 0 for others.
    private mutating func step(
        _ address: UInt64, from caller: UInt64, _ symbols: KernelSymbols?
    ) -> Int {
        if let known = locks[address]?[caller] { return known }
        let step =
            symbols?.name(of: address).map {
                MutexFunctions.step(of: $0, from: symbols?.name(of: caller) ?? "")
            } ?? 0
        locks[address, default: [:]][caller] = step
        return step
    }

    /// The figures, an operation.
    func counts(of slice: MechanismTrace.Slice, sites: AllocationSites) -> [MechanismCount] {
        let operations = Double(slice.operations)
        func count(
            _ quantity: MechanismCount.Quantity, of function: String? = nil, _ sum: Double
        ) -> MechanismCount {
            MechanismCount(quantity, of: function, sum / operations, per: operations)
        }
        var counts = [count(.pages, Double(pages))]
        for (function, share) in sites.shares {
            counts.append(count(.pages, of: function, share * Double(pages)))
        }
        if let locked, sites.symbols != nil {
            counts.append(count(.lockedPages, Double(locked.pages)))
            counts.append(count(.lockedKmallocs, Double(locked.kmallocs)))
        }
        for (quantity, calls) in [
            (MechanismCount.Quantity.kmallocs, kmallocs), (.slabObjects, slabObjects),
        ] {
            counts.append(count(quantity, Double(calls.values.reduce(0, +))))
            for (function, sum) in sites.named(calls) {
                counts.append(count(quantity, of: function, Double(sum)))
            }
        }
        return counts
    }
}
