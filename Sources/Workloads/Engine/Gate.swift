// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The words in shared memory by which the agent starts and ends a slice in all workers at once.
package struct Gate: Sendable {
    /// What the workers do now.
    package enum Phase: UInt32, Sendable {
        /// Allocate, touch, open.
        case preparing = 0
        /// Run, and count nothing.
        case guarding = 1
        /// Run and count.
        case measuring = 2
        /// Stop, and drain what others wait for.
        case draining = 3
    }

    private let phase: SharedWord
    private let watchedWord: SharedWord
    private let arrivedWord: SharedWord
    private let finishedWord: SharedWord
    private let workers: UInt32

    /// Bytes of shared memory a gate takes: the phase has a cache line of its own.
    static let byteCount = 256

    /// A gate on zeroed memory that all workers share.
    init(on memory: UnsafeMutableRawBufferPointer, workers: Int) {
        phase = SharedWord(in: memory, at: 0)
        watchedWord = SharedWord(in: memory, at: 64)
        arrivedWord = SharedWord(in: memory, at: 128)
        finishedWord = SharedWord(in: memory, at: 192)
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

    /// Turns to a phase and wakes those who wait for it.
    func turn(to next: Phase) {
        phase.store(next.rawValue)
        _ = try? phase.wake()
    }

    /// Waits until the agent has seen this process.
    func awaitWatch() {
        while watchedWord.load() == 0 { try? watchedWord.wait(while: 0) }
    }

    /// Says that the agent has seen all workers' processes.
    func watch() {
        watchedWord.store(1)
        _ = try? watchedWord.wake()
    }

    /// Says that a worker is ready and waits until the gate opens.
    func arrive() {
        arrivedWord.add(1)
        let preparing = Phase.preparing.rawValue
        while phase.load() == preparing { try? phase.wait(while: preparing) }
    }

    /// How many workers are ready.
    var arrived: Int { Int(arrivedWord.load()) }

    /// Says that a worker is done, and waits until all are, so that nobody's clean-up runs in
    /// another's measurement; gives up after a second.
    func finish() {
        var seen = finishedWord.add(1)
        if seen == workers { _ = try? finishedWord.wake() }
        let end = Clock.monotonicNanoseconds() + 1_000_000_000
        while seen < workers, Clock.monotonicNanoseconds() < end {
            try? finishedWord.wait(while: seen, timeoutNanoseconds: 50_000_000)
            seen = finishedWord.load()
        }
    }
}
