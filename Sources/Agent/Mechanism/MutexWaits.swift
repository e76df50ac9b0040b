// SPDX-License-Identifier: GPL-3.0-or-later

import Machine
import Protocol

/// A time in which a thread did one thing.
struct TaskInterval: Equatable {
    var thread: Int32
    var begin: UInt64
    var end: UInt64

    /// How much of it is in a time.
    func length(in window: ClosedRange<UInt64>) -> UInt64 {
        let (from, to) = (max(begin, window.lowerBound), min(end, window.upperBound))
        return to > from ? to - from : 0
    }
}

/// The waits of workers for mutexes.
///
/// A wait has several begins: the thread first spins for the mutex, then sleeps, and spins again
/// (kernel/locking/mutex.c). It ends when the thread has the mutex.
struct MutexWaits {
    private var open: [Int32: (lock: UInt64, begin: UInt64)] = [:]
    /// Those that ended, in the order in which they did.
    private(set) var intervals: [TaskInterval] = []

    /// Takes in the beginning or the end of a wait.
    mutating func add(_ record: TraceRecord, isEnd: Bool) {
        let wait = open[record.thread]
        guard isEnd else {
            if wait?.lock != record.fields.0 {
                open[record.thread] = (record.fields.0, record.nanoseconds)
            }
            return
        }
        // The end of a wait for another kind of lock, whose begin is not traced.
        guard let wait, wait.lock == record.fields.0 else { return }
        open[record.thread] = nil
        intervals.append(
            TaskInterval(thread: record.thread, begin: wait.begin, end: record.nanoseconds))
    }

    /// The waits that ended in a time, ascending.
    func lengths(in window: ClosedRange<UInt64>) -> [UInt64] {
        intervals.filter { window.contains($0.end) }.map { $0.end - $0.begin }.sorted()
    }

    /// The figures, a second.
    ///
    /// - Parameter reclaims: the times in which tasks were in direct reclaim, by their beginning.
    func counts(
        in window: ClosedRange<UInt64>, beside reclaims: [TaskInterval]
    ) -> [MechanismCount] {
        let length = Double(window.upperBound - window.lowerBound)
        let seconds = length / 1e9
        let time = intervals.reduce(0) { $0 + $1.length(in: window) }
        var counts = [
            MechanismCount(.waits, Double(lengths(in: window).count) / seconds, per: length),
            MechanismCount(.waitTime, Double(time) / 1e6 / seconds, per: length),
        ]
        if time > 0 {
            let shared = intervals.reduce(0) { $0 + Self.overlap($1, reclaims, in: window) }
            counts.append(
                MechanismCount(
                    .waitsInReclaim, 100 * Double(shared) / Double(time), per: Double(time)))
        }
        return counts
    }

    /// The part of a wait in which any other task was in one of the intervals.
    static func overlap(
        _ wait: TaskInterval, _ others: [TaskInterval], in window: ClosedRange<UInt64>
    ) -> UInt64 {
        var at = max(wait.begin, window.lowerBound)
        let end = min(wait.end, window.upperBound)
        var sum: UInt64 = 0
        for other in others where other.thread != wait.thread {
            if other.begin >= end { break }
            let (from, to) = (max(at, other.begin), min(end, other.end))
            guard to > from else { continue }
            sum += to - from
            at = to
        }
        return sum
    }
}
