// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A pipe: bytes written to one descriptor are read from the other.
public struct Pipe: ~Copyable, Sendable {
    /// How `pipe2(2)` makes the pipe; `O_CLOEXEC` is always set.
    public struct Options: OptionSet, Sendable {
        /// The bits that the shim understands.
        public let rawValue: UInt32

        /// Takes bits as the shim defines them.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Both ends never block (`O_NONBLOCK`).
        public static let nonblocking = Options(rawValue: UInt32(CSHIMS_PIPE_NONBLOCK))
        /// One read takes one write, up to `PIPE_BUF` bytes each (`O_DIRECT`).
        public static let packet = Options(rawValue: UInt32(CSHIMS_PIPE_PACKET))
    }

    /// The end to read from.
    public let reader: Descriptor
    /// The end to write to.
    public let writer: Descriptor

    /// Makes a pipe with `pipe2(2)`.
    ///
    /// - Throws: `tooManyOpenFiles`, or `tooManyOpenFilesInSystem` past the user's pipe pages.
    public init(_ options: Options = []) throws(Errno) {
        var ends: (Int32, Int32) = (-1, -1)
        let answer = withUnsafeMutableBytes(of: &ends) { raw in
            cshims_pipe(raw.assumingMemoryBound(to: Int32.self).baseAddress, options.rawValue)
        }
        try checked(answer)
        reader = Descriptor(owning: ends.0)
        writer = Descriptor(owning: ends.1)
    }

    /// The bytes that fit, by `fcntl(2)` `F_GETPIPE_SZ`.
    public var size: Int {
        get throws(Errno) { try checked(cshims_pipe_get_size(writer.rawValue)) }
    }

    /// The bytes waiting to be read, by `ioctl(2)` `FIONREAD`.
    public var readableBytes: Int {
        get throws(Errno) { try checked(cshims_pipe_readable(reader.rawValue)) }
    }

    /// Asks for room for `bytes` with `fcntl(2)` `F_SETPIPE_SZ`; the bytes granted.
    ///
    /// The kernel rounds up to a power of two of pages.
    ///
    /// - Throws: `notPermitted` past `Pipe`'s limits without the capability, `resourceBusy` when
    ///   what is in the pipe would not fit, `invalidArgument` for a size that it cannot have.
    @discardableResult
    public borrowing func setSize(_ bytes: Int) throws(Errno) -> Int {
        try checked(cshims_pipe_set_size(writer.rawValue, UInt64(bitPattern: Int64(bytes))))
    }

    /// The place of the pipe, which counts neither as a reader nor as a writer (`O_PATH`).
    ///
    /// - Throws: `noSuchFileOrDirectory` without `/proc`.
    public borrowing func place() throws(Errno) -> Descriptor {
        try Descriptor.open("/proc/self/fd/\(reader.rawValue)", .place)
    }

    /// Opens the pipe's end to write to again, once all of them were closed.
    ///
    /// - Parameters:
    ///   - place: of a pipe that somebody still reads from; otherwise it waits for a reader.
    ///   - options: those of the pipe; a new open file does not have them.
    public static func openWriter(
        at place: borrowing Descriptor, _ options: Options
    ) throws(Errno) -> Descriptor {
        let writer = try Descriptor.open("/proc/self/fd/\(place.rawValue)", .write)
        try checked(cshims_pipe_set_flags(writer.rawValue, options.rawValue))
        return writer
    }

    /// Keeps the end to read from and closes the other, as the reading process does.
    public consuming func takeReader() -> Descriptor { reader }

    /// Keeps the end to write to and closes the other, as the writing process does.
    public consuming func takeWriter() -> Descriptor { writer }
}

// The limits of a user's pipes (pipe(7)).
extension Pipe {
    /// The most bytes that an unprivileged `Pipe.setSize` may ask for (`pipe-max-size`).
    public static var maximumSize: Int {
        get throws(Errno) { try SystemFile.readInteger("/proc/sys/fs/pipe-max-size") }
    }

    /// Pages of a user's pipes past which a new pipe has one or two (`pipe-user-pages-soft`).
    ///
    /// 0 is no limit.
    public static var softPagesPerUser: Int {
        get throws(Errno) { try SystemFile.readInteger("/proc/sys/fs/pipe-user-pages-soft") }
    }

    /// Pages of a user's pipes past which no pipe is made (`pipe-user-pages-hard`).
    ///
    /// 0 is no limit.
    public static var hardPagesPerUser: Int {
        get throws(Errno) { try SystemFile.readInteger("/proc/sys/fs/pipe-user-pages-hard") }
    }
}
