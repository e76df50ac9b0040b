// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol

/// The workers' requests of direct I/O: where their structures come from, where they complete, and
/// on which CPU.
struct DirectRequests {
    /// A file and a place in it.
    private struct Place: Hashable {
        var file: UInt64
        var offset: UInt64
    }

    /// A request in flight.
    private struct Request {
        /// Where it was submitted.
        var cpu: Int
        /// Whether its structure came from an allocator.
        var isAllocated = false
    }

    /// Where a request completes.
    fileprivate struct Completion: Hashable {
        var context: TraceLine.Context
        /// Whether it was submitted on another CPU.
        var isElsewhere: Bool
    }

    private let symbols: KernelSymbols?
    /// Functions that allocate a request's structure.
    private let allocators: Set<String>
    /// Whether an address is in one of them.
    private var sites: [UInt64: Bool] = [:]
    private var submitted = 0
    private var allocated = 0
    /// Those that completed, and those of them whose structure came from no allocator.
    private var completed: [Completion: (all: Int, hits: Int)] = [:]
    /// The oldest first.
    private var inFlight: [Place: [Request]] = [:]
    /// The place of the request that a thread is submitting.
    private var latest: [Int32: Place] = [:]

    init(allocators: Set<String>, _ symbols: KernelSymbols?) {
        self.allocators = allocators
        self.symbols = symbols
    }

    /// Takes in a request of a worker.
    mutating func begin(_ record: TraceRecord, counts: Bool) {
        if counts { submitted += 1 }
        let place = Place(file: record.fields.0, offset: record.fields.1)
        inFlight[place, default: []].append(Request(cpu: record.cpu))
        latest[record.thread] = place
    }

    /// Takes in an allocation of a worker, of whatever.
    mutating func allocate(_ record: TraceRecord, counts: Bool) {
        guard record.context == .task, isSite(record.fields.0) else { return }
        if counts { allocated += 1 }
        guard let place = latest.removeValue(forKey: record.thread),
            let last = inFlight[place]?.indices.last
        else { return }
        inFlight[place]?[last].isAllocated = true
    }

    private mutating func isSite(_ address: UInt64) -> Bool {
        if let known = sites[address] { return known }
        let isSite = symbols?.name(of: address).map(allocators.contains) ?? false
        sites[address] = isSite
        return isSite
    }

    /// Takes in a completion, of anybody: by then the place is behind what was moved.
    mutating func complete(_ record: TraceRecord, counts: Bool) {
        let moved = Int64(bitPattern: record.fields.2)
        let offset = moved > 0 ? record.fields.1 &- UInt64(moved) : record.fields.1
        let place = Place(file: record.fields.0, offset: offset)
        guard var requests = inFlight[place], !requests.isEmpty else { return }
        let request = requests.removeFirst()
        inFlight[place] = requests.isEmpty ? nil : requests
        guard counts else { return }
        let completion = Completion(
            context: record.context, isElsewhere: record.cpu != request.cpu)
        completed[completion, default: (0, 0)].all += 1
        if !request.isAllocated { completed[completion]?.hits += 1 }
    }

    /// The figures, a request; none without requests.
    var counts: [MechanismCount] {
        let sum = Double(completed.values.reduce(0) { $0 + $1.all })
        guard submitted > 0, sum > 0 else { return [] }
        func share(_ isOne: (Completion) -> Bool) -> Double {
            let count = completed.reduce(0) { isOne($1.key) ? $0 + $1.value.all : $0 }
            return 100 * Double(count) / sum
        }
        var counts = [
            MechanismCount(.taskCompletions, share { $0.context == .task }, per: sum),
            MechanismCount(.softirqCompletions, share { $0.context == .softirq }, per: sum),
            MechanismCount(.hardirqCompletions, share { $0.context == .hardirq }, per: sum),
            MechanismCount(.otherCPUs, share(\.isElsewhere), per: sum),
        ]
        guard symbols != nil, !allocators.isEmpty else { return counts }
        counts.append(
            MechanismCount(
                .structures, Double(allocated) / Double(submitted), per: Double(submitted)))
        for (completion, found) in completed {
            let hits = 100 * Double(found.hits) / Double(found.all)
            counts.append(MechanismCount(completion.quantity, hits, per: Double(found.all)))
        }
        return counts
    }
}

extension DirectRequests.Completion {
    /// The hits of those that complete so.
    fileprivate var quantity: MechanismCount.Quantity {
        switch context {
        case .task: isElsewhere ? .taskHitsElsewhere : .taskHits
        case .softirq: isElsewhere ? .softirqHitsElsewhere : .softirqHits
        case .hardirq: isElsewhere ? .hardirqHitsElsewhere : .hardirqHits
        }
    }
}
