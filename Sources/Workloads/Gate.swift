// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import Linux

/// The words in shared memory by which the agent starts and ends a slice in all workers at once.
public struct Gate: Sendable {
    /// What the workers do now.
    public enum Phase: UInt32, Sendable {
        /// Allocate, touch, open.
        case preparing = 0
        /// Run, and count nothing.
        case guarding = 1
        /// Run and count.
        case measuring = 2
        /// Stop, and drain what others wait for.
        case draining = 3
    }

    @usableFromInline nonisolated(unsafe) let phaseWord: UnsafeMutablePointer<UInt32>
    nonisolated(unsafe) let watchedWord: UnsafeMutablePointer<UInt32>
    nonisolated(unsafe) let arrivedWord: UnsafeMutablePointer<UInt32>
    nonisolated(unsafe) let finishedWord: UnsafeMutablePointer<UInt32>
    private let workers: UInt32

    /// Bytes of shared memory a gate takes: the phase has a cache line of its own.
    static let byteCount = 256

    /// A gate on zeroed memory that all workers share.
    init(on memory: UnsafeMutableRawPointer, workers: Int) {
        phaseWord = memory.assumingMemoryBound(to: UInt32.self)
        watchedWord = (memory + 64).assumingMemoryBound(to: UInt32.self)
        arrivedWord = (memory + 128).assumingMemoryBound(to: UInt32.self)
        finishedWord = (memory + 192).assumingMemoryBound(to: UInt32.self)
        self.workers = UInt32(workers)
    }

    /// Whether the guard still runs: a relaxed load, for the hot loop.
    @inlinable @inline(__always) public var isGuarding: Bool {
        cshims_load_relaxed(phaseWord) == Phase.guarding.rawValue
    }

    /// Whether operations count now: a relaxed load, for the hot loop.
    @inlinable @inline(__always) public var isMeasuring: Bool {
        cshims_load_relaxed(phaseWord) == Phase.measuring.rawValue
    }

    /// Whether workers should still load the kernel: a relaxed load, for the hot loop.
    @inlinable @inline(__always) public var isOpen: Bool {
        cshims_load_relaxed(phaseWord) < Phase.draining.rawValue
    }

    /// Turns to a phase and wakes those who wait for it.
    func turn(to phase: Phase) {
        cshims_store_release(phaseWord, phase.rawValue)
        _ = cshims_futex_wake(phaseWord, Int32.max)
    }

    /// Waits until the agent has seen this process.
    func awaitWatch() {
        while cshims_load_acquire(watchedWord) == 0 {
            _ = cshims_futex_wait(watchedWord, 0, 0)
        }
    }

    /// Says that the agent has seen all workers' processes.
    func watch() {
        cshims_store_release(watchedWord, 1)
        _ = cshims_futex_wake(watchedWord, Int32.max)
    }

    /// Says that a worker is ready and waits until the gate opens.
    func arrive() {
        _ = cshims_add(arrivedWord, 1)
        while cshims_load_acquire(phaseWord) == Phase.preparing.rawValue {
            _ = cshims_futex_wait(phaseWord, Phase.preparing.rawValue, 0)
        }
    }

    /// How many workers are ready.
    var arrived: Int { Int(cshims_load_acquire(arrivedWord)) }

    /// Says that a worker is done, and waits until all are, so that nobody's clean-up runs in
    /// another's measurement; gives up after a second.
    func finish() {
        var seen = cshims_add(finishedWord, 1)
        if seen == workers { _ = cshims_futex_wake(finishedWord, Int32.max) }
        let end = cshims_monotonic_ns() + 1_000_000_000
        while seen < workers, cshims_monotonic_ns() < end {
            _ = cshims_futex_wait(finishedWord, seen, 50_000_000)
            seen = cshims_load_acquire(finishedWord)
        }
    }
}
