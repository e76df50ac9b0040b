// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// Moving pages in and out of pipes without copying: `splice(2)`, `vmsplice(2)` and `tee(2)`.
///
/// All take raw descriptors, for a loop that owns none. Counts and offsets are in bytes; an
/// answer of 0 is the end of the input.
public enum Splice {
    /// How to splice.
    public struct Flags: OptionSet, Sendable {
        /// The bits of `splice(2)`.
        public let rawValue: UInt32

        /// Takes bits as `splice(2)` defines them.
        @inlinable
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Pages may be moved rather than copied (`SPLICE_F_MOVE`); a hint.
        public static let move = Flags(rawValue: UInt32(CSHIMS_SPLICE_MOVE))
        /// Does not wait for the pipe (`SPLICE_F_NONBLOCK`).
        public static let nonblocking = Flags(rawValue: UInt32(CSHIMS_SPLICE_NONBLOCK))
        /// More will follow (`SPLICE_F_MORE`); a hint to sockets.
        public static let more = Flags(rawValue: UInt32(CSHIMS_SPLICE_MORE))
    }

    /// Moves bytes with `splice(2)`, each file at its own position; one must be a pipe.
    ///
    /// - Throws: `invalidArgument` when neither is a pipe, `wouldBlock` when nonblocking.
    @inlinable
    public static func move(
        from input: CInt, to output: CInt, count: Int, flags: Flags = []
    ) throws(Errno) -> Int {
        try checked(cshims_splice(input, nil, output, nil, UInt64(count), flags.rawValue))
    }

    /// Moves bytes from a file at `offset` into a pipe with `splice(2)`, and advances `offset`.
    ///
    /// - Throws: `illegalSeek` when the input is a pipe.
    @inlinable
    public static func move(
        from input: CInt, at offset: inout Int, to output: CInt, count: Int, flags: Flags = []
    ) throws(Errno) -> Int {
        var position = Int64(offset)
        let moved = try checked(
            cshims_splice(input, &position, output, nil, UInt64(count), flags.rawValue))
        offset = Int(position)
        return moved
    }

    /// Moves bytes from a pipe into a file at `offset` with `splice(2)`, and advances `offset`.
    ///
    /// - Throws: `illegalSeek` when the output is a pipe, `invalidArgument` when it appends.
    @inlinable
    public static func move(
        from input: CInt, to output: CInt, at offset: inout Int, count: Int, flags: Flags = []
    ) throws(Errno) -> Int {
        var position = Int64(offset)
        let moved = try checked(
            cshims_splice(input, nil, output, &position, UInt64(count), flags.rawValue))
        offset = Int(position)
        return moved
    }

    /// Puts this process's pages into a pipe with `vmsplice(2)`.
    ///
    /// The memory must stay as it is until the bytes are read; for ever when `gift`ed.
    ///
    /// - Parameter gift: `SPLICE_F_GIFT`; address and length are whole pages.
    /// - Throws: `badFileDescriptor` when it is no pipe, `wouldBlock` when nonblocking.
    @inlinable
    public static func map(
        _ buffer: UnsafeRawBufferPointer, into pipe: CInt, gift: Bool = false,
        nonblocking: Bool = false
    ) throws(Errno) -> Int {
        try checked(
            cshims_vmsplice(pipe, buffer.baseAddress, UInt64(buffer.count), gift, nonblocking))
    }

    /// Takes bytes out of a pipe into this process's memory with `vmsplice(2)`: a copy.
    @inlinable
    public static func unmap(
        from pipe: CInt, into buffer: UnsafeMutableRawBufferPointer, nonblocking: Bool = false
    ) throws(Errno) -> Int {
        try checked(
            cshims_vmsplice(pipe, buffer.baseAddress, UInt64(buffer.count), false, nonblocking))
    }

    /// Duplicates what is in one pipe into another with `tee(2)`, consuming nothing.
    ///
    /// - Throws: `invalidArgument` unless both are pipes, and two of them.
    @inlinable
    public static func duplicate(
        from input: CInt, to output: CInt, count: Int, flags: Flags = []
    ) throws(Errno) -> Int {
        try checked(cshims_tee(input, output, UInt64(count), flags.rawValue))
    }
}
