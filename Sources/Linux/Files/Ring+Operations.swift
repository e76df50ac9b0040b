// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

extension Ring {
    /// Registers the ring's own descriptor with `io_uring_register(2)`: no look-up a call.
    public borrowing func registerSelf() throws(Errno) {
        try checked(cshims_ring_register_self(handle))
    }

    /// Registers files with `io_uring_register(2)`; an operation names one by its index.
    public borrowing func registerFiles(_ descriptors: [CInt]) throws(Errno) {
        try checked(cshims_ring_register_files(handle, descriptors, UInt32(descriptors.count)))
    }

    /// Registers `memory`, cut into buffers of `each` bytes, with `io_uring_register(2)`.
    ///
    /// - Throws: `invalidArgument` unless `each` divides the memory, `noMemory` past the limit.
    public borrowing func registerBuffers(
        _ memory: UnsafeMutableRawBufferPointer, each: Int
    ) throws(Errno) {
        guard each > 0, !memory.isEmpty, memory.count.isMultiple(of: each) else {
            throw .invalidArgument
        }
        try checked(
            cshims_ring_register_buffers(
                handle, memory.baseAddress, UInt64(each), UInt32(clamping: memory.count / each)))
    }

    /// The submission entries that are free.
    @inlinable public var spaceLeft: Int { Int(cshims_ring_space_left(handle)) }

    /// Queues a read at `offset` (`IORING_OP_READ`, or `READ_FIXED` with a buffer's index).
    ///
    /// - Parameter bufferIndex: the registered buffer that holds `buffer`; nil for none.
    /// - Throws: `wouldBlock` when the submission queue is full.
    @inlinable
    public borrowing func queueRead(
        _ file: File, into buffer: UnsafeMutableRawBufferPointer, at offset: Int,
        bufferIndex: Int? = nil, userData: UInt64 = 0
    ) throws(Errno) {
        let (number, isRegistered) = Self.split(file)
        try checked(
            cshims_ring_queue_read(
                handle, number, isRegistered, buffer.baseAddress, UInt32(buffer.count),
                UInt64(bitPattern: Int64(offset)), Int32(bufferIndex ?? -1), userData))
    }

    /// Queues a write at `offset` (`IORING_OP_WRITE`, or `WRITE_FIXED` with a buffer's index).
    ///
    /// - Parameter bufferIndex: the registered buffer that holds `buffer`; nil for none.
    /// - Throws: `wouldBlock` when the submission queue is full.
    @inlinable
    public borrowing func queueWrite(
        _ file: File, from buffer: UnsafeRawBufferPointer, at offset: Int,
        bufferIndex: Int? = nil, userData: UInt64 = 0
    ) throws(Errno) {
        let (number, isRegistered) = Self.split(file)
        try checked(
            cshims_ring_queue_write(
                handle, number, isRegistered, buffer.baseAddress, UInt32(buffer.count),
                UInt64(bitPattern: Int64(offset)), Int32(bufferIndex ?? -1), userData))
    }

    /// Queues an operation that does nothing (`IORING_OP_NOP`).
    ///
    /// - Throws: `wouldBlock` when the submission queue is full.
    @inlinable
    public borrowing func queueNop(userData: UInt64 = 0) throws(Errno) {
        try checked(cshims_ring_queue_nop(handle, userData))
    }

    /// Submits what is queued and waits until `completions` are there, by `io_uring_enter(2)`.
    ///
    /// With 0 it does not wait, and still lets the kernel post what is done. With `sqPoll` it
    /// enters the kernel only to wait, or to wake the kernel's thread.
    ///
    /// - Returns: how many operations were submitted.
    /// - Throws: `interrupted` when a signal ends the wait and nothing was submitted; when
    ///   something was, fewer completions are there.
    @inlinable
    @discardableResult
    public borrowing func submitAndWait(_ completions: Int = 0) throws(Errno) -> Int {
        Int(try checked(cshims_ring_submit_and_wait(handle, UInt32(completions))))
    }

    /// Takes the completions that are there, without waiting and without a system call.
    ///
    /// - Returns: how many were put into `buffer`.
    @inlinable
    public borrowing func reap(into buffer: UnsafeMutableBufferPointer<Completion>) -> Int {
        Int(cshims_ring_reap(handle, buffer.baseAddress, UInt32(clamping: buffer.count)))
    }

    @inlinable
    @inline(__always)
    static func split(_ file: File) -> (number: Int32, isRegistered: Bool) {
        switch file {
        case .descriptor(let raw): (raw, false)
        case .registered(let index): (Int32(truncatingIfNeeded: index), true)
        }
    }
}
