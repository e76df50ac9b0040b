// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol

/// The direct reclaims of all tasks: for the machine, and for a group's limit.
struct Reclaims {
    /// One that ended.
    private struct Reclaim {
        var interval: TaskInterval
        var pages: UInt64
        /// The function that entered it; nil where no stack was recorded.
        var function: String?
    }

    /// What is counted of several, a second.
    private struct Sums {
        var count = 0.0
        /// Milliseconds.
        var time = 0.0
        var pages = 0.0
        /// Of so many nanoseconds.
        var length: Double

        static func / (sums: Sums, part: Double) -> Sums {
            Sums(
                count: sums.count / part, time: sums.time / part, pages: sums.pages / part,
                length: sums.length)
        }

        /// The figures: how often, how long, how many pages.
        func counts(
            _ quantities: [MechanismCount.Quantity], of function: String? = nil
        ) -> [MechanismCount] {
            zip(quantities, [count, time, pages]).map {
                MechanismCount($0, of: function, $1, per: length)
            }
        }
    }

    private static let workers: [MechanismCount.Quantity] = [
        .workerReclaims, .workerReclaimTime, .workerReclaimPages,
    ]
    private static let hogs: [MechanismCount.Quantity] = [
        .hogReclaims, .hogReclaimTime, .hogReclaimPages,
    ]
    private static let others: [MechanismCount.Quantity] = [
        .otherReclaims, .otherReclaimTime, .otherReclaimPages,
    ]

    private var open: [Int32: UInt64] = [:]
    private var functions: [Int32: String] = [:]
    private var ended: [Reclaim] = []

    /// Takes in a beginning.
    mutating func begin(_ record: TraceRecord) { open[record.thread] = record.nanoseconds }

    /// Takes in the function by which a thread entered a reclaim; the kernel may write it before the
    /// beginning or after it.
    mutating func enter(from function: String, thread: Int32) { functions[thread] = function }

    /// Takes in an end; one whose beginning was not traced is left out.
    mutating func end(_ record: TraceRecord) {
        let function = functions.removeValue(forKey: record.thread)
        guard let begin = open.removeValue(forKey: record.thread) else { return }
        let interval = TaskInterval(
            thread: record.thread, begin: begin, end: record.nanoseconds)
        ended.append(
            Reclaim(interval: interval, pages: record.fields.0, function: function))
    }

    /// Their times, by their beginning.
    var intervals: [TaskInterval] { ended.map(\.interval).sorted { $0.begin < $1.begin } }

    private func sums(
        in window: ClosedRange<UInt64>, of isOne: (Reclaim) -> Bool
    ) -> Sums {
        var sums = Sums(length: Double(window.upperBound - window.lowerBound))
        for reclaim in ended where isOne(reclaim) {
            sums.time += Double(reclaim.interval.length(in: window)) / 1e6
            guard window.contains(reclaim.interval.end) else { continue }
            sums.count += 1
            sums.pages += Double(reclaim.pages)
        }
        return sums / (sums.length / 1e9)
    }

    /// The figures, a second.
    func counts(of slice: MechanismTrace.Slice, namesFunctions: Bool) -> [MechanismCount] {
        func sums(_ isIts: (Int32) -> Bool) -> Sums {
            self.sums(in: slice.window) { isIts($0.interval.thread) }
        }
        let workers = sums(slice.workers.contains)
        let hogs = sums(slice.hogs.contains)
        let others = sums { !slice.workers.contains($0) && !slice.hogs.contains($0) }
        var counts = workers.counts(Self.workers)
        if namesFunctions { counts += functionCounts(workers, of: slice) }
        return counts + hogs.counts(Self.hogs) + others.counts(Self.others)
    }

    /// By the functions that entered them: of those whose stack was recorded, as parts of all.
    private func functionCounts(
        _ workers: Sums, of slice: MechanismTrace.Slice
    ) -> [MechanismCount] {
        let names = Set(ended.compactMap(\.function))
        let found = names.map { name in
            (name: name, sums: sums(in: slice.window) { $0.function == name })
        }.filter { $0.sums.count > 0 }.sorted {
            ($1.sums.count, $0.name) < ($0.sums.count, $1.name)
        }
        let known = found.reduce(0) { $0 + $1.sums.count }
        // Without any stack nobody knows who reclaimed.
        guard known > 0 || workers.count == 0 else { return [] }
        let part = workers.count > 0 ? known / workers.count : 1
        var counts: [MechanismCount] = []
        if !slice.requestAllocators.isEmpty {
            let own = sums(in: slice.window) {
                $0.function.map(slice.requestAllocators.contains) == true
            }
            counts += (own / part).counts([.structureReclaims, .structureReclaimTime])
        }
        for (name, sums) in found.prefix(AllocationCount.mostSites) {
            counts += (sums / part).counts(Self.workers, of: name)
        }
        return counts
    }
}
