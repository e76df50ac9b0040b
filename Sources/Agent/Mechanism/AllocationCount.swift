// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol

/// What workers allocate, and what of it while they hold a mutex.
struct AllocationCount {
    /// The most functions that are named of each kind.
    static let mostSites = 8

    /// Pages from the page allocator.
    private(set) var pages = 0
    /// Those that were taken while the thread held a mutex; nil where that is not known.
    var lockedPages: Int? = 0
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
            // The allocator found none.
            guard record.fields.0 != .max else { return }
            let count = 1 << Int(min(record.fields.1, 20))
            pages += count
            if held[record.thread, default: 0] > 0 { lockedPages? += count }
        case .kmalloc: kmallocs[record.fields.0, default: 0] += 1
        case .cacheAlloc: slabObjects[record.fields.0, default: 0] += 1
        default: return
        }
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
        let perOperation = Double(pages) / operations
        var counts = [MechanismCount(.pages, perOperation)]
        for (function, share) in sites.pages {
            counts.append(MechanismCount(.pages, of: function, share * perOperation))
        }
        if let lockedPages, sites.symbols != nil {
            counts.append(MechanismCount(.lockedPages, Double(lockedPages) / operations))
        }
        for (quantity, calls) in [
            (MechanismCount.Quantity.kmallocs, kmallocs), (.slabObjects, slabObjects),
        ] {
            let sum = calls.values.reduce(0, +)
            counts.append(MechanismCount(quantity, Double(sum) / operations))
            for (function, count) in sites.named(calls) {
                counts.append(MechanismCount(quantity, of: function, Double(count) / operations))
            }
        }
        return counts
    }
}
