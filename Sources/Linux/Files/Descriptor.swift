// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A file descriptor this process owns; closed once, when the value's lifetime ends.
///
/// Sizes and offsets are in bytes. Every call reports what the kernel said as an `Errno`.
public struct Descriptor: ~Copyable, Sendable {
    /// The number that the kernel knows the open file by; valid while this value lives.
    public let rawValue: CInt

    /// Takes over a descriptor that nothing else closes.
    public init(owning rawValue: CInt) { self.rawValue = rawValue }

    deinit { _ = cshims_close(rawValue) }

    /// Opens a file with `open(2)` and `O_CLOEXEC`.
    ///
    /// - Parameter mode: the permission bits of a file that is made, before the umask.
    public static func open(
        _ path: String, _ options: OpenOptions = .read, mode: UInt32 = 0o644
    ) throws(Errno) -> Descriptor {
        Descriptor(owning: try checked(cshims_open(path, options.rawValue, mode)))
    }

    /// Closes the descriptor now and reports what `close(2)` says.
    public consuming func close() throws(Errno) {
        let raw = rawValue
        discard self
        try checked(cshims_close(raw))
    }

    /// Gives up the descriptor without closing it.
    ///
    /// - Returns: the number, which is the caller's to close; the end of the process does so too.
    public consuming func release() -> CInt {
        let raw = rawValue
        discard self
        return raw
    }

    /// A second descriptor of the same open file, by `fcntl(2)` `F_DUPFD_CLOEXEC`.
    public borrowing func duplicate() throws(Errno) -> Descriptor {
        Descriptor(owning: try checked(cshims_duplicate(rawValue)))
    }

    /// Reads once with `read(2)`; 0 at the end of the file.
    ///
    /// - Throws: `wouldBlock` when nonblocking and empty, `interrupted` on a signal.
    @inlinable
    public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try checked(cshims_read(rawValue, buffer.baseAddress, UInt64(buffer.count)))
    }

    /// Writes once with `write(2)`; fewer bytes than given is no error.
    ///
    /// - Throws: `brokenPipe` without a reader, `wouldBlock` when nonblocking and full.
    @inlinable
    public borrowing func write(_ buffer: UnsafeRawBufferPointer) throws(Errno) -> Int {
        try checked(cshims_write(rawValue, buffer.baseAddress, UInt64(buffer.count)))
    }

    /// Reads once at `offset` with `pread(2)`; 0 at or past the end of the file.
    ///
    /// - Throws: `invalidArgument` when direct I/O is misaligned.
    @inlinable
    public borrowing func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(Errno) -> Int {
        let count = UInt64(buffer.count)
        return try checked(
            cshims_pread(rawValue, buffer.baseAddress, count, UInt64(bitPattern: Int64(offset))))
    }

    /// Writes once at `offset` with `pwrite(2)`; fewer bytes than given is no error.
    ///
    /// - Throws: `invalidArgument` when direct I/O is misaligned, `noSpace` on a full device.
    @inlinable
    public borrowing func write(
        _ buffer: UnsafeRawBufferPointer, at offset: Int
    ) throws(Errno) -> Int {
        let count = UInt64(buffer.count)
        return try checked(
            cshims_pwrite(rawValue, buffer.baseAddress, count, UInt64(bitPattern: Int64(offset))))
    }

    /// Waits for events with `poll(2)`; the empty set when the time is over.
    ///
    /// - Parameter timeoutMilliseconds: how long to wait; below 0 without a limit.
    /// - Throws: `interrupted` when a signal ends the wait.
    public borrowing func poll(
        _ events: PollEvents, timeoutMilliseconds: Int
    ) throws(Errno) -> PollEvents {
        let limit = Int32(clamping: timeoutMilliseconds)
        return PollEvents(rawValue: try checked(cshims_poll(rawValue, events.rawValue, limit)))
    }
}
