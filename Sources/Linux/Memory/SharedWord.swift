// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A 32-bit word in memory that threads or processes share, with `futex(2)` to wait on it.
///
/// The value does not own the memory: its maker keeps the mapping alive.
public struct SharedWord: @unchecked Sendable {
    /// Where the word is.
    public let pointer: UnsafeMutablePointer<UInt32>

    /// Refers to a word; 4-byte aligned.
    public init(_ pointer: UnsafeMutablePointer<UInt32>) { self.pointer = pointer }

    /// Refers to a word `offset` bytes into `memory`.
    public init(in memory: UnsafeMutableRawBufferPointer, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= memory.count, "the word lies outside the memory")
        let start = memory.baseAddress.unsafelyUnwrapped
        pointer = (start + offset).bindMemory(to: UInt32.self, capacity: 1)
    }

    /// Reads the word; what was written before its last store is seen (acquire).
    @inlinable
    @inline(__always)
    public func load() -> UInt32 { cshims_load_acquire(pointer) }

    /// Reads the word and orders nothing: for a stop flag in a hot loop.
    @inlinable
    @inline(__always)
    public func loadRelaxed() -> UInt32 { cshims_load_relaxed(pointer) }

    /// Writes the word (release).
    @inlinable
    public func store(_ value: UInt32) { cshims_store_release(pointer, value) }

    /// Adds to the word, wrapping around; the new value.
    @inlinable
    @discardableResult
    public func add(_ value: UInt32) -> UInt32 { cshims_add(pointer, value) }

    /// Sleeps while the word is `expected`, by `futex(2)` `FUTEX_WAIT`.
    ///
    /// It may also return for no reason: look at the word again.
    ///
    /// - Parameter timeoutNanoseconds: how long at most; nil for no limit.
    /// - Throws: `timedOut`, `interrupted` when a signal ends the sleep. A word that is different
    ///   already is no error.
    public func wait(
        while expected: UInt32, timeoutNanoseconds: UInt64? = nil
    ) throws(Errno) {
        let answer = cshims_futex_wait(
            pointer, expected, timeoutNanoseconds.map { max($0, 1) } ?? 0)
        if Errno(rawValue: -answer) == .wouldBlock { return }
        try checked(answer)
    }

    /// Wakes up to `count` sleepers with `futex(2)` `FUTEX_WAKE`; how many there were.
    @discardableResult
    public func wake(_ count: Int = Int(Int32.max)) throws(Errno) -> Int {
        Int(try checked(cshims_futex_wake(pointer, Int32(clamping: count))))
    }
}
