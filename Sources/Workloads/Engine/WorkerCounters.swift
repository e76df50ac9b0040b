// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// The perf counters of one worker: of its thread from the first counted operation to the last,
/// and of the threads that the kernel starts for it (`io_uring(7)`'s, that is).
///
/// An interrupt's work, softirqs included, counts with the worker that it interrupts. What the
/// kernel does in threads of its own, or on another CPU, is not seen.
final class WorkerCounters {
    /// A count for each kind, in the order of `Counter.Kind`; nil where none was taken.
    typealias Tally = InlineArray<4, Count?>

    /// A box, because arrays hold no noncopyable values.
    private final class Running {
        let place: Int
        let counter: Counter
        var before: Count?

        init(_ place: Int, _ kind: Counter.Kind) throws(Errno) {
            self.place = place
            counter = try Counter(kind)
        }
    }

    private let running: [Running]
    /// What was counted from `start` to `stop`.
    private(set) var tally = Tally(repeating: nil)

    /// Opens counters of the calling thread; those that the machine does not have are left out.
    init(_ kinds: Set<Counter.Kind>) {
        running = Counter.Kind.allCases.enumerated().compactMap { place, kind in
            kinds.contains(kind) ? try? Running(place, kind) : nil
        }
        // The runtime looks types up at their first use and allocates for that: here, where no
        // other worker's heap is being measured.
        start()
        stop()
        tally = Tally(repeating: nil)
    }

    /// Begins to count: instructions last, so that the least of this is counted.
    func start() {
        for one in running.reversed() { one.before = try? one.counter.read() }
    }

    /// Ends counting: instructions first.
    func stop() {
        for one in running {
            if let before = one.before, let now = try? one.counter.read() {
                tally[one.place] = now.since(before)
            }
        }
    }
}
