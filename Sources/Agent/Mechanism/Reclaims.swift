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

        static func / (sums: Sums, part: Double) -> Sums {
            Sums(count: sums.count / part, time: sums.time / part, pages: sums.pages / part)
        }
    }

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
        let seconds = Double(window.upperBound - window.lowerBound) / 1e9
        var sums = Sums()
        for reclaim in ended where isOne(reclaim) {
            sums.time += Double(reclaim.interval.length(in: window)) / 1e6
            guard window.contains(reclaim.interval.end) else { continue }
            sums.count += 1
            sums.pages += Double(reclaim.pages)
        }
        return sums / seconds
    }

    /// The figures, a second.
    func counts(of slice: MechanismTrace.Slice, namesFunctions: Bool) -> [MechanismCount] {
        func sums(_ isIts: (Int32) -> Bool) -> Sums {
            self.sums(in: slice.window) { isIts($0.interval.thread) }
        }
        let workers = sums(slice.workers.contains)
        let hogs = sums(slice.hogs.contains)
        let others = sums { !slice.workers.contains($0) && !slice.hogs.contains($0) }
        var counts = Self.workerCounts(workers)
        if namesFunctions { counts += functionCounts(workers, of: slice) }
        counts += [
            MechanismCount(.hogReclaims, hogs.count), MechanismCount(.hogReclaimTime, hogs.time),
            MechanismCount(.hogReclaimPages, hogs.pages),
            MechanismCount(.otherReclaims, others.count),
            MechanismCount(.otherReclaimTime, others.time),
            MechanismCount(.otherReclaimPages, others.pages),
        ]
        return counts
    }

    private static func workerCounts(
        _ sums: Sums, of function: String? = nil
    ) -> [MechanismCount] {
        [
            MechanismCount(.workerReclaims, of: function, sums.count),
            MechanismCount(.workerReclaimTime, of: function, sums.time),
            MechanismCount(.workerReclaimPages, of: function, sums.pages),
        ]
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
            let own = found.filter { slice.requestAllocators.contains($0.name) }
            let (count, time) = own.reduce((0, 0)) { ($0.0 + $1.sums.count, $0.1 + $1.sums.time) }
            counts.append(MechanismCount(.structureReclaims, count / part))
            counts.append(MechanismCount(.structureReclaimTime, time / part))
        }
        for (name, sums) in found.prefix(AllocationCount.mostSites) {
            counts += Self.workerCounts(sums / part, of: name)
        }
        return counts
    }
}
