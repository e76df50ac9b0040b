// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The words in shared memory by which the agent starts and ends each slice in all workers at once.
package struct Gate: Sendable {
    /// What the workers do now.
    package enum Phase: UInt32, Sendable {
        /// Allocate, touch, open.
        case preparing = 0
        /// Run, and count nothing.
        case guarding = 1
        /// Run and count.
        case measuring = 2
        /// Stop, drain what others wait for, and park.
        case draining = 3
        /// End what the guard began, and say so: for programs, which take a while to answer.
        case settling = 4
    }

    private let phase: SharedWord
    private let watchedWord: SharedWord
    private let arrivedWord: SharedWord
    private let finishedWord: SharedWord
    /// How often the gate was opened; the highest bit says that there are no more slices.
    private let openings: SharedWord
    private let seedCount: SharedCounter
    /// How many workers are done with the guard.
    private let settledWord: SharedWord
    private let workers: UInt32

    private static let released: UInt32 = 1 << 31

    /// Bytes of shared memory a gate takes: the phase has a cache line of its own.
    static let byteCount = 384

    /// A gate on zeroed memory that all workers share.
    init(on memory: UnsafeMutableRawBufferPointer, workers: Int) {
        phase = SharedWord(in: memory, at: 0)
        watchedWord = SharedWord(in: memory, at: 64)
        arrivedWord = SharedWord(in: memory, at: 128)
        finishedWord = SharedWord(in: memory, at: 192)
        openings = SharedWord(in: memory, at: 256)
        seedCount = SharedCounter(in: memory, at: 264)
        settledWord = SharedWord(in: memory, at: 320)
        self.workers = UInt32(workers)
    }

    /// Whether the guard still runs: a relaxed load, for the hot loop.
    @inline(__always) package var isGuarding: Bool {
        phase.loadRelaxed() == Phase.guarding.rawValue
    }

    /// Whether operations count now: a relaxed load, for the hot loop.
    @inline(__always) package var isMeasuring: Bool {
        phase.loadRelaxed() == Phase.measuring.rawValue
    }

    /// Whether workers should still load the kernel: a relaxed load, for the hot loop.
    @inline(__always) package var isOpen: Bool {
        phase.loadRelaxed() < Phase.draining.rawValue
    }

    /// The seed of the slice's offsets and data.
    package var seed: UInt64 { seedCount.load() }

    // MARK: The agent's side

    /// Opens the gate to all workers, which are parked, for another slice.
    ///
    /// - Parameter first: the phase that it begins with.
    func open(seed: UInt64, in first: Phase = .guarding) {
        seedCount.store(seed)
        arrivedWord.store(0)
        finishedWord.store(0)
        settledWord.store(0)
        phase.store(first.rawValue)
        openings.add(1)
        _ = try? openings.wake()
    }

    /// Turns to a phase.
    ///
    /// - Parameter wakes: whether workers may sleep in a phase.
    func turn(to next: Phase, wakes: Bool = false) {
        phase.store(next.rawValue)
        if wakes { _ = try? phase.wake() }
    }

    /// Says that there are no more slices, upon which parked workers end.
    func release() {
        turn(to: .draining)
        openings.add(Self.released)
        _ = try? openings.wake()
    }

    /// Says that the agent has seen all workers' processes.
    func watch() {
        watchedWord.store(1)
        _ = try? watchedWord.wake()
    }

    /// How many workers are parked.
    var arrived: Int { Int(arrivedWord.load()) }

    /// Waits until all workers are parked, for a time at most.
    func awaitArrival(nanoseconds: UInt64) {
        let seen = arrivedWord.load()
        if seen < workers { try? arrivedWord.wait(while: seen, timeoutNanoseconds: nanoseconds) }
    }

    /// How many workers said that they are done with the guard.
    var settled: Int { Int(settledWord.load()) }

    /// Waits until a worker says that it is done with the guard, for a time at most.
    func awaitSettling(nanoseconds: UInt64) {
        let seen = settledWord.load()
        if seen < workers { try? settledWord.wait(while: seen, timeoutNanoseconds: nanoseconds) }
    }

    // MARK: A worker's side

    /// Says that this worker is done with the guard, and waits until it is over for all.
    package func settle() {
        settledWord.add(1)
        _ = try? settledWord.wake()
        for waited in [Phase.guarding, .settling] {
            while phase.load() == waited.rawValue {
                sleep(in: waited, nanoseconds: 1_000_000_000)
            }
        }
    }

    /// Sleeps while this phase goes on, for a time at most: for a worker that itself does nothing.
    package func sleep(in current: Phase, nanoseconds: UInt64) {
        try? phase.wait(while: current.rawValue, timeoutNanoseconds: nanoseconds)
    }

    /// Waits until the agent has seen this process.
    func awaitWatch() {
        while watchedWord.load() == 0 { try? watchedWord.wait(while: 0) }
    }

    /// Says that a worker is ready, and parks it until the gate opens.
    ///
    /// - Returns: whether there is another slice.
    func park() -> Bool {
        let seen = openings.load()
        guard seen & Self.released == 0 else { return false }
        // Each arrival changes the word that the agent waits on.
        arrivedWord.add(1)
        _ = try? arrivedWord.wake()
        while openings.load() == seen { try? openings.wait(while: seen) }
        return openings.load() & Self.released == 0
    }

    /// Says that a worker is done with a slice, and waits until all are, so that nobody's clean-up
    /// runs in another's measurement.
    ///
    /// Where one died the agent kills the others.
    func finish() {
        var seen = finishedWord.add(1)
        if seen == workers { _ = try? finishedWord.wake() }
        while seen < workers {
            try? finishedWord.wait(while: seen)
            seen = finishedWord.load()
        }
    }
}
