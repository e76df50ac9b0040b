// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// A 64-bit count in memory that threads or processes share.
///
/// The value does not own the memory: its maker keeps the mapping alive.
public struct SharedCounter: @unchecked Sendable {
    /// Where the count is.
    public let pointer: UnsafeMutablePointer<UInt64>

    /// Refers to a count; 8-byte aligned.
    public init(_ pointer: UnsafeMutablePointer<UInt64>) { self.pointer = pointer }

    /// Refers to a count `offset` bytes into `memory`.
    public init(in memory: UnsafeMutableRawBufferPointer, at offset: Int) {
        precondition(offset >= 0 && offset + 8 <= memory.count, "the count lies outside the memory")
        let start = memory.baseAddress.unsafelyUnwrapped
        pointer = (start + offset).bindMemory(to: UInt64.self, capacity: 1)
    }

    /// Reads the count; what was written before its last store is seen (acquire).
    @inlinable
    @inline(__always)
    public func load() -> UInt64 { cshims_load64(pointer) }

    /// Writes the count (release).
    @inlinable
    @inline(__always)
    public func store(_ value: UInt64) { cshims_store64(pointer, value) }

    /// Adds to the count, wrapping around; the new value.
    @inlinable
    @discardableResult
    public func add(_ value: UInt64) -> UInt64 { cshims_add64(pointer, value) }
}
