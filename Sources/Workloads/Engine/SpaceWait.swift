// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Waits for a file system that frees the blocks of removed files in the background, as XFS
/// does (`fs/xfs/xfs_icache.c`, inode inactivation).
enum SpaceWait {
    private static let timeout: UInt64 = 5_000_000_000
    private static let pause: UInt64 = 20_000_000

    /// Reserves blocks for the file's first `size` bytes, again and again while they may come free.
    ///
    /// - Throws: `noSpace` when there is no room after some seconds, or never was.
    static func reserve(
        _ file: borrowing Descriptor, _ size: Int, _ pulse: () -> Void
    ) throws(Errno) {
        let end = Clock.monotonicNanoseconds() + timeout
        while true {
            do { return try file.allocate(size) } catch {
                guard error == .noSpace, let facts = try? file.filesystem(),
                    facts.totalBytes >= size, Clock.monotonicNanoseconds() < end
                else { throw error }
            }
            if Interrupts.pending != nil { throw .interrupted }
            // What a failed reservation kept would be counted as taken; the journal frees the rest.
            try? file.truncate(to: 0)
            try? file.sync()
            pulse()
            try Clock.sleep(nanoseconds: pause)
        }
    }

    /// The free bytes of a directory's file system, once they are `needed` or no more are coming.
    ///
    /// - Returns: `nil` when the file system does not tell.
    static func freeBytes(in directory: String, needed: Int, _ pulse: () -> Void) -> Int? {
        let end = Clock.monotonicNanoseconds() + timeout
        while true {
            guard let place = try? Descriptor.open(directory, .directory),
                let facts = try? place.filesystem()
            else { return nil }
            guard facts.freeBytes < needed, facts.totalBytes >= needed,
                Clock.monotonicNanoseconds() < end, Interrupts.pending == nil
            else { return facts.freeBytes }
            try? place.sync()
            pulse()
            try? Clock.sleep(nanoseconds: pause)
        }
    }
}
