// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol

/// The workers' requests of direct I/O: where they complete, and on which CPU.
struct DirectRequests {
    /// A file and a place in it.
    private struct Place: Hashable {
        var file: UInt64
        var offset: UInt64
    }

    private var submitted = 0
    private var completed: [TraceLine.Context: Int] = [:]
    private var elsewhere = 0
    /// The CPUs on which requests in flight were submitted, the oldest first.
    private var inFlight: [Place: [Int]] = [:]

    /// Takes in a request of a worker.
    mutating func begin(_ record: TraceRecord, counts: Bool) {
        if counts { submitted += 1 }
        let place = Place(file: record.fields.0, offset: record.fields.1)
        inFlight[place, default: []].append(record.cpu)
    }

    /// Takes in a completion, of anybody: by then the place is behind what was moved.
    mutating func complete(_ record: TraceRecord, counts: Bool) {
        let moved = Int64(bitPattern: record.fields.2)
        let offset = moved > 0 ? record.fields.1 &- UInt64(moved) : record.fields.1
        let place = Place(file: record.fields.0, offset: offset)
        guard var cpus = inFlight[place], !cpus.isEmpty else { return }
        let cpu = cpus.removeFirst()
        inFlight[place] = cpus.isEmpty ? nil : cpus
        guard counts else { return }
        completed[record.context, default: 0] += 1
        if record.cpu != cpu { elsewhere += 1 }
    }

    /// The figures, a request; none without requests.
    ///
    /// - Parameter structures: those that came from an allocator; nil where that is not known.
    func counts(_ structures: Int?) -> [MechanismCount] {
        let sum = Double(completed.values.reduce(0, +))
        guard submitted > 0, sum > 0 else { return [] }
        var counts: [MechanismCount] = []
        if let structures {
            counts.append(MechanismCount(.structures, Double(structures) / Double(submitted)))
        }
        let contexts: [(MechanismCount.Quantity, TraceLine.Context)] = [
            (.taskCompletions, .task), (.softirqCompletions, .softirq),
            (.hardirqCompletions, .hardirq),
        ]
        for (quantity, context) in contexts {
            counts.append(
                MechanismCount(quantity, 100 * Double(completed[context, default: 0]) / sum))
        }
        counts.append(MechanismCount(.otherCPUs, 100 * Double(elsewhere) / sum))
        return counts
    }
}
