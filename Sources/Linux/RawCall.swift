// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// System calls on raw descriptors, for hot loops that own none: a count, or a negative errno.
public enum RawCall {
    /// `read(2)`.
    @inlinable
    @inline(__always)
    public static func read(_ fd: CInt, into start: UnsafeMutableRawPointer?, count: Int) -> Int {
        Int(truncatingIfNeeded: cshims_read(fd, start, UInt64(truncatingIfNeeded: count)))
    }

    /// `pread(2)`.
    @inlinable
    @inline(__always)
    public static func read(
        _ fd: CInt, into start: UnsafeMutableRawPointer?, count: Int, at offset: Int
    ) -> Int {
        Int(
            truncatingIfNeeded: cshims_pread(
                fd, start, UInt64(truncatingIfNeeded: count), UInt64(truncatingIfNeeded: offset)))
    }

    /// `write(2)`.
    @inlinable
    @inline(__always)
    public static func write(_ fd: CInt, from start: UnsafeRawPointer?, count: Int) -> Int {
        Int(truncatingIfNeeded: cshims_write(fd, start, UInt64(truncatingIfNeeded: count)))
    }

    /// `poll(2)` until the descriptor can be read or an error is there, or the time is over.
    public static func waitToRead(_ fd: CInt, milliseconds: Int32) {
        _ = cshims_poll(fd, Int32(CSHIMS_POLL_IN), milliseconds)
    }

    /// `poll(2)` until the descriptor can be written or an error is there, or the time is over.
    public static func waitToWrite(_ fd: CInt, milliseconds: Int32) {
        _ = cshims_poll(fd, Int32(CSHIMS_POLL_OUT), milliseconds)
    }

    /// The bytes waiting in a pipe (`ioctl(2)` `FIONREAD`).
    public static func readableBytes(_ fd: CInt) -> Int {
        Int(truncatingIfNeeded: cshims_pipe_readable(fd))
    }

    /// `splice(2)` of pages from a file at `offset`, which advances, into a pipe.
    @inlinable
    @inline(__always)
    public static func splice(
        from file: CInt, at offset: inout Int64, to pipe: CInt, count: Int
    ) -> Int {
        Int(
            truncatingIfNeeded: cshims_splice(
                file, &offset, pipe, nil, UInt64(truncatingIfNeeded: count),
                UInt32(CSHIMS_SPLICE_MOVE)))
    }

    /// `splice(2)` of pages from a pipe into a file at `offset`, which advances.
    @inlinable
    @inline(__always)
    public static func splice(
        from pipe: CInt, to file: CInt, at offset: inout Int64, count: Int
    ) -> Int {
        Int(
            truncatingIfNeeded: cshims_splice(
                pipe, nil, file, &offset, UInt64(truncatingIfNeeded: count),
                UInt32(CSHIMS_SPLICE_MOVE)))
    }

    /// `vmsplice(2)` of this process's pages into a pipe; a gift is whole pages, never written again.
    @inlinable
    @inline(__always)
    public static func vmsplice(
        _ start: UnsafeRawPointer?, count: Int, to pipe: CInt, gift: Bool
    ) -> Int {
        Int(
            truncatingIfNeeded: cshims_vmsplice(
                pipe, start, UInt64(truncatingIfNeeded: count), gift, false))
    }

    /// `tee(2)`: doubles what is in a pipe into another.
    @inlinable
    @inline(__always)
    public static func tee(from pipe: CInt, to other: CInt, count: Int) -> Int {
        Int(truncatingIfNeeded: cshims_tee(pipe, other, UInt64(truncatingIfNeeded: count), 0))
    }
}
