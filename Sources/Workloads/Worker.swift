// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// One worker of a slice: its gate, clock and recorders.
public struct Worker {
    /// Its number, from 0.
    public let index: Int
    /// Starts and ends the slice.
    public let gate: Gate
    /// The clock whose ticks the recorders take.
    public let clock: FastClock
    /// Whether each operation is timed.
    public let timed: Bool
    /// Counts operations of the workload's first track.
    public var first: TrackRecorder
    /// Counts operations of the workload's second track.
    public var second: TrackRecorder
    /// What reading back the data showed.
    public var verification = VerificationCounts()

    var beforeUsage = ResourceUsage()
    var afterUsage = ResourceUsage()
    var heapBefore = 0
    var heapAfter = 0
    var hasEnded = false
    let counters: WorkerCounters

    init(
        index: Int, gate: Gate, clock: FastClock, timed: Bool, counts: Set<Counter.Kind> = []
    ) {
        self.index = index
        self.gate = gate
        self.clock = clock
        self.timed = timed
        first = TrackRecorder(clock: clock)
        second = TrackRecorder(clock: clock)
        counters = WorkerCounters(counts)
    }

    /// Says that this worker is ready, and waits until the gate opens.
    public mutating func arrive() { gate.arrive() }

    /// Starts counting: to be called when the guard is over and before the first counted operation.
    ///
    /// - Returns: the first operation's start, in ticks.
    public mutating func begin() -> UInt64 {
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
    public mutating func end() {
        let now = clock.ticks()
        if !timed {
            first.lastTicks = now
            second.lastTicks = now
        }
        heapAfter = ProcessMemory.heapBytes
        counters.stop()
        afterUsage = (try? .ofCurrentThread()) ?? beforeUsage
        hasEnded = true
    }
}

/// What one worker's verification found.
public struct VerificationCounts: Sendable, Equatable {
    /// Bytes shown to be the ones written, at their place.
    public var proven: UInt64 = 0
    /// Bytes in fragments too short to place.
    public var unproven: UInt64 = 0
    /// Wrong, lost, doubled or disordered places.
    public var corruptions: UInt64 = 0
    /// Where the first corruption was: the byte's position in the stream or file.
    public var firstCorruptionOffset: UInt64 = 0
    /// Bytes this worker wrote, guard and drain included.
    public var written: UInt64 = 0
    /// Bytes this worker read, guard and drain included.
    public var read: UInt64 = 0
    /// An order-free sum over what it wrote, to compare with the one over what was read.
    public var writtenSum: UInt64 = 0
    /// An order-free sum over what it read.
    public var readSum: UInt64 = 0

    /// Nothing seen yet.
    public init() {}

    /// Notes a corruption.
    public mutating func corrupt(at offset: UInt64) {
        if corruptions == 0 { firstCorruptionOffset = offset }
        corruptions += 1
    }
}
