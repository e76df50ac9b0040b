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

    /// Queues an operation.
    ///
    /// - Throws: `wouldBlock` when the submission queue is full.
    public borrowing func queue(_ submission: Submission) throws(Errno) {
        try next().pointee = submission
    }

    /// Fills all entries in, for a caller that then changes a part of each with `next`.
    public borrowing func fill(_ submission: Submission) {
        let entries = Int(handle.pointee.sq_entries)
        handle.pointee.submissions.update(repeating: submission, count: entries)
    }

    /// Queues the next entry, which holds what was put there last: the caller changes it.
    ///
    /// - Throws: `wouldBlock` when the submission queue is full.
    @inlinable
    @inline(__always)
    public borrowing func next() throws(Errno) -> UnsafeMutablePointer<Submission> {
        guard let entry = cshims_ring_next(handle) else { throw .wouldBlock }
        return entry
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

    /// How many completions are there, without a system call.
    @inlinable
    @inline(__always)
    public var ready: Int { Int(cshims_ring_ready(handle)) }

    /// One of the completions that are there, from 0.
    @inlinable
    @inline(__always)
    public borrowing func completion(_ number: Int) -> Completion {
        cshims_ring_completion(handle, UInt32(truncatingIfNeeded: number)).pointee
    }

    /// Gives the room of the first `count` completions back to the kernel.
    @inlinable
    @inline(__always)
    public borrowing func advance(_ count: Int) {
        cshims_ring_advance(handle, UInt32(truncatingIfNeeded: count))
    }
}
