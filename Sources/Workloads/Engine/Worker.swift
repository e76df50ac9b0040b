// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// One worker while it is resident: its gate, clock and recorders.
package struct Worker {
    /// Its number, from 0.
    package let index: Int
    /// Starts and ends each slice.
    package let gate: Gate
    /// The clock whose ticks the recorders take.
    package let clock: FastClock
    /// Whether each operation is timed.
    package let timed: Bool
    /// Counts operations of the workload's first track.
    package var first: TrackRecorder
    /// Counts operations of the workload's second track.
    package var second: TrackRecorder
    /// What reading back the data showed.
    package var verification = VerificationCounts()

    var beforeUsage = ResourceUsage()
    var afterUsage = ResourceUsage()
    var heapBefore = 0
    var heapAfter = 0
    let counters: WorkerCounters
    private let memory: TallyMemory
    private var slice = Slice.none

    /// How far the slice is.
    private enum Slice { case none, running, finished }

    init(
        index: Int, in memory: TallyMemory, clock: FastClock, timed: Bool,
        counts: Set<Counter.Kind> = []
    ) {
        self.index = index
        self.memory = memory
        gate = memory.gate
        self.clock = clock
        self.timed = timed
        first = TrackRecorder(clock: clock)
        second = TrackRecorder(clock: clock)
        counters = WorkerCounters(counts)
    }

    /// Parks until the gate opens for the next slice; first leaves what the last one counted.
    ///
    /// - Returns: whether there is one.
    package mutating func awaitSlice() -> Bool {
        finishSlice()
        if slice == .finished { memory.store(self) }
        guard gate.park() else { return false }
        first.reset()
        second.reset()
        verification = VerificationCounts()
        slice = .running
        return true
    }

    /// Says that this worker is done with the slice, and waits for the others.
    package mutating func finishSlice() {
        guard slice == .running else { return }
        gate.finish()
        slice = .finished
    }

    /// Starts counting: to be called when the guard is over and before the first counted operation.
    ///
    /// - Returns: the first operation's start, in ticks.
    package mutating func begin() -> UInt64 {
        beforeUsage = (try? .ofCurrentThread()) ?? beforeUsage
        counters.start()
        heapBefore = ProcessMemory.heapBytes
        let now = clock.ticks()
        first.firstTicks = now
        second.firstTicks = now
        return now
    }

    /// Says that the slice went on until now: in an open loop, nothing may have been due at its end.
    mutating func extendToNow() {
        let now = clock.ticks()
        first.extend(to: now)
        second.extend(to: now)
    }

    /// Ends counting: to be called right after the last counted operation.
    package mutating func end() {
        let now = clock.ticks()
        if !timed {
            first.lastTicks = now
            second.lastTicks = now
        }
        heapAfter = ProcessMemory.heapBytes
        counters.stop()
        afterUsage = (try? .ofCurrentThread()) ?? beforeUsage
    }
}

/// What one worker's verification found.
package struct VerificationCounts: Sendable, Equatable {
    /// Bytes shown to be the ones written, at their place.
    package var proven: UInt64 = 0
    /// Bytes in fragments too short to place.
    package var unproven: UInt64 = 0
    /// Wrong, lost, doubled or disordered places.
    package var corruptions: UInt64 = 0
    /// Where the first corruption was: the byte's position in the stream or file.
    package var firstCorruptionOffset: UInt64 = 0
    /// Bytes this worker wrote, guard and drain included.
    package var written: UInt64 = 0
    /// Bytes this worker read, guard and drain included.
    package var read: UInt64 = 0
    /// An order-free sum over what it wrote, to compare with the one over what was read.
    package var writtenSum: UInt64 = 0
    /// An order-free sum over what it read.
    package var readSum: UInt64 = 0

    /// Nothing seen yet.
    package init() {}

    /// Notes a corruption.
    package mutating func corrupt(at offset: UInt64) {
        if corruptions == 0 { firstCorruptionOffset = offset }
        corruptions += 1
    }
}
