// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

extension Descriptor {
    /// A new file in memory that no directory has, by `memfd_create(2)`.
    ///
    /// - Parameter name: what /proc shows, at most 249 bytes.
    public static func inMemory(named name: String) throws(Errno) -> Descriptor {
        Descriptor(owning: try checked(cshims_memory_file(name)))
    }

    /// Writes every byte with as many `write(2)` as it takes, going on after a signal.
    public borrowing func writeAll(_ buffer: UnsafeRawBufferPointer) throws(Errno) {
        var rest = buffer[...]
        while !rest.isEmpty {
            let written: Int
            do {
                written = try write(UnsafeRawBufferPointer(rebasing: rest))
            } catch .interrupted {
                continue
            }
            rest = rest.dropFirst(written)
        }
    }

    /// Writes every byte with as many `write(2)` as it takes, going on after a signal.
    public borrowing func writeAll(_ bytes: [UInt8]) throws(Errno) {
        var start = 0
        while start < bytes.count {
            let answer = bytes.withUnsafeBytes { (buffer) -> Int64 in
                let rest = buffer[start...]
                return cshims_write(
                    rawValue, UnsafeRawBufferPointer(rebasing: rest).baseAddress, UInt64(rest.count)
                )
            }
            do { start += try checked(answer) } catch .interrupted { continue }
        }
    }

    /// Writes a text as UTF-8 with as many `write(2)` as it takes, going on after a signal.
    public borrowing func writeAll(_ text: String) throws(Errno) {
        try writeAll(Array(text.utf8))
    }

    /// Reads from the current position to the end of the file with `read(2)`.
    ///
    /// - Parameter limit: the most bytes to take.
    /// - Throws: `fileTooLarge` when there are more than `limit`.
    public borrowing func readAll(limit: Int = 16 << 20) throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { chunk.deallocate() }
        while true {
            let count = try read(into: chunk)
            if count == 0 { return bytes }
            if bytes.count + count > limit { throw .fileTooLarge }
            bytes.append(contentsOf: chunk[..<count])
        }
    }

    /// Takes the file's exclusive lock with `flock(2)`, without waiting.
    ///
    /// - Throws: `wouldBlock` when another open file holds it.
    public borrowing func lockExclusively() throws(Errno) {
        try checked(cshims_lock_exclusive(rawValue))
    }

    /// Takes the file's exclusive lock within a time: a child that is just being started holds its
    /// parent's open files, and with them their locks, until its exec.
    ///
    /// - Throws: `wouldBlock` when another open file still holds it, `interrupted`.
    public borrowing func lockExclusively(withinMilliseconds limit: Int) throws(Errno) {
        for _ in 0..<(limit / 20) {
            do {
                return try lockExclusively()
            } catch .wouldBlock {
                try Clock.sleep(nanoseconds: 20_000_000)
            }
        }
        try lockExclusively()
    }

    /// Takes a share in the file's lock with `flock(2)`, without waiting.
    ///
    /// - Throws: `wouldBlock` when another open file holds it exclusively.
    public borrowing func lockShared() throws(Errno) {
        try checked(cshims_lock_shared(rawValue))
    }

    /// Cuts or extends the file to a size with `ftruncate(2)`; what is added is a hole.
    public borrowing func truncate(to size: Int) throws(Errno) {
        try checked(cshims_truncate(rawValue, UInt64(bitPattern: Int64(size))))
    }

    /// Sets the permission bits with `fchmod(2)`.
    public borrowing func setPermissions(_ bits: UInt32) throws(Errno) {
        try checked(cshims_set_mode(rawValue, bits))
    }

    /// Reserves blocks for the file's first `size` bytes with `posix_fallocate(3)`.
    ///
    /// - Throws: `noSpace` when the device is too small.
    public borrowing func allocate(_ size: Int) throws(Errno) {
        try checked(cshims_allocate(rawValue, UInt64(bitPattern: Int64(size))))
    }

    /// Brings data and metadata to the device with `fsync(2)`.
    public borrowing func sync() throws(Errno) {
        try checked(cshims_sync(rawValue))
    }

    /// Brings data, and the metadata that finds it, to the device with `fdatasync(2)`.
    public borrowing func syncData() throws(Errno) {
        try checked(cshims_data_sync(rawValue))
    }

    /// Asks for the file's clean cached pages to go, by `posix_fadvise(2)` `DONTNEED`.
    public borrowing func dropCache() throws(Errno) {
        try checked(cshims_drop_cache(rawValue))
    }

    /// The facts of the open file.
    public borrowing func facts() throws(Errno) -> FileFacts {
        var raw = cshims_file_facts()
        try checked(cshims_file_facts_of(rawValue, &raw))
        return FileFacts(raw)
    }

    /// The facts of the file system of the open file.
    public borrowing func filesystem() throws(Errno) -> FileSystemFacts {
        var raw = cshims_filesystem_facts()
        try checked(cshims_filesystem_facts_of(rawValue, &raw))
        return FileSystemFacts(raw)
    }
}
