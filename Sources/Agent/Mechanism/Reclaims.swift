// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol

/// The direct reclaims of all tasks: for the machine, and for a group's limit.
struct Reclaims {
    private var open: [Int32: UInt64] = [:]
    private var ended: [(interval: TaskInterval, pages: UInt64)] = []

    /// Takes in a beginning.
    mutating func begin(_ record: TraceRecord) { open[record.thread] = record.nanoseconds }

    /// Takes in an end; one whose beginning was not traced is left out.
    mutating func end(_ record: TraceRecord) {
        guard let begin = open.removeValue(forKey: record.thread) else { return }
        let interval = TaskInterval(
            thread: record.thread, begin: begin, end: record.nanoseconds)
        ended.append((interval, record.fields.0))
    }

    /// Their times, by their beginning.
    var intervals: [TaskInterval] { ended.map(\.interval).sorted { $0.begin < $1.begin } }

    /// The figures, a second.
    func counts(of slice: MechanismTrace.Slice, sites: AllocationSites) -> [MechanismCount] {
        let window = slice.window
        let seconds = Double(window.upperBound - window.lowerBound) / 1e9
        func sums(_ isIts: (Int32) -> Bool) -> (count: Double, time: Double, pages: Double) {
            var sums = (count: 0.0, time: 0.0, pages: 0.0)
            for (interval, pages) in ended where isIts(interval.thread) {
                sums.time += Double(interval.length(in: window)) / 1e6 / seconds
                guard window.contains(interval.end) else { continue }
                sums.count += 1 / seconds
                sums.pages += Double(pages) / seconds
            }
            return sums
        }
        let workers = sums(slice.workers.contains)
        let hogs = sums(slice.hogs.contains)
        let others = sums { !slice.workers.contains($0) && !slice.hogs.contains($0) }
        var counts = [MechanismCount(.workerReclaims, workers.count)]
        if workers.count > 0 {
            for (function, share) in sites.reclaims {
                counts.append(
                    MechanismCount(.workerReclaims, of: function, share * workers.count))
            }
        }
        counts += [
            MechanismCount(.workerReclaimTime, workers.time),
            MechanismCount(.workerReclaimPages, workers.pages),
            MechanismCount(.hogReclaims, hogs.count), MechanismCount(.hogReclaimPages, hogs.pages),
            MechanismCount(.otherReclaims, others.count),
            MechanismCount(.otherReclaimPages, others.pages),
        ]
        return counts
    }
}
