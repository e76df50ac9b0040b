// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// System calls of a hot loop on descriptors that it does not own.
///
/// Each answers what the kernel did: bytes or another count, or a negative `errno`; nothing throws.
public enum RawCall {
    /// Reads once with `read(2)`; 0 at the end.
    @inlinable
    @inline(__always)
    public static func read(
        _ descriptor: CInt, into buffer: UnsafeMutableRawPointer?, count: Int
    ) -> Int {
        Int(truncatingIfNeeded: cshims_read(descriptor, buffer, UInt64(truncatingIfNeeded: count)))
    }

    /// Reads once at an offset with `pread(2)`; 0 at the end.
    @inlinable
    @inline(__always)
    public static func read(
        _ descriptor: CInt, into buffer: UnsafeMutableRawPointer?, count: Int, at offset: Int
    ) -> Int {
        Int(
            truncatingIfNeeded: cshims_pread(
                descriptor, buffer, UInt64(truncatingIfNeeded: count),
                UInt64(truncatingIfNeeded: offset)))
    }

    /// Writes once with `write(2)`.
    @inlinable
    @inline(__always)
    public static func write(
        _ descriptor: CInt, from buffer: UnsafeRawPointer?, count: Int
    ) -> Int {
        Int(truncatingIfNeeded: cshims_write(descriptor, buffer, UInt64(truncatingIfNeeded: count)))
    }

    /// Waits for events with `poll(2)`; those that are there, 0 when the time is over.
    @inlinable
    public static func poll(_ descriptor: CInt, _ events: PollEvents, milliseconds: Int32) -> Int32
    {
        cshims_poll(descriptor, events.rawValue, milliseconds)
    }

    /// The bytes waiting in a pipe, by `ioctl(2)` `FIONREAD`.
    @inlinable
    public static func readableBytes(_ pipe: CInt) -> Int {
        Int(truncatingIfNeeded: cshims_pipe_readable(pipe))
    }

    /// The bytes that fit into a pipe, by `fcntl(2)` `F_GETPIPE_SZ`.
    @inlinable
    public static func pipeSize(_ pipe: CInt) -> Int {
        Int(truncatingIfNeeded: cshims_pipe_get_size(pipe))
    }

    /// Changes the bytes that fit into a pipe, by `fcntl(2)` `F_SETPIPE_SZ`; the new size.
    @inlinable
    public static func setPipeSize(_ pipe: CInt, _ bytes: Int) -> Int {
        Int(truncatingIfNeeded: cshims_pipe_set_size(pipe, UInt64(truncatingIfNeeded: bytes)))
    }

    /// Moves pages with `splice(2)` `SPLICE_F_MOVE`; one of both must be a pipe.
    ///
    /// - Parameters:
    ///   - inputOffset: where a file is read; advanced. nil for a pipe, or the file's own position.
    ///   - outputOffset: where a file is written, likewise.
    @inlinable
    @inline(__always)
    public static func splice(
        from input: CInt, inputOffset: UnsafeMutablePointer<Int64>? = nil, to output: CInt,
        outputOffset: UnsafeMutablePointer<Int64>? = nil, count: Int
    ) -> Int {
        Int(
            truncatingIfNeeded: cshims_splice(
                input, inputOffset, output, outputOffset, UInt64(truncatingIfNeeded: count),
                UInt32(CSHIMS_SPLICE_MOVE)))
    }

    /// Puts this process's pages into a pipe with `vmsplice(2)`.
    ///
    /// The memory must not change until the bytes are read, or never when it is a gift.
    ///
    /// - Parameter isGift: `SPLICE_F_GIFT`; address and length are whole pages.
    @inlinable
    @inline(__always)
    public static func vmsplice(
        _ memory: UnsafeRawPointer?, count: Int, into pipe: CInt, isGift: Bool
    ) -> Int {
        Int(
            truncatingIfNeeded: cshims_vmsplice(
                pipe, memory, UInt64(truncatingIfNeeded: count), isGift, false))
    }

    /// Duplicates what is in one pipe into another with `tee(2)`, consuming nothing.
    @inlinable
    @inline(__always)
    public static func tee(from input: CInt, to output: CInt, count: Int) -> Int {
        Int(truncatingIfNeeded: cshims_tee(input, output, UInt64(truncatingIfNeeded: count), 0))
    }
}
