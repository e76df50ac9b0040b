// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A file or block device open for direct I/O (`O_DIRECT`), and the alignment that it requires.
public struct DirectFile: ~Copyable, Sendable {
    /// Where the alignment is known from.
    public enum AlignmentSource: String, Sendable {
        /// The kernel reports it (`STATX_DIOALIGN`).
        case statx
        /// The logical block of the block device below.
        case blockDevice
        /// Not reported: 512.
        case assumed
    }

    /// The open file.
    public let descriptor: Descriptor
    /// The alignment of offsets and lengths in bytes.
    public let alignment: Int
    /// The alignment of a buffer's address in bytes.
    public let memoryAlignment: Int
    /// Where `alignment` is known from.
    public let alignmentSource: AlignmentSource
    /// Bytes: the file's length when it was opened, or the block device's capacity.
    public let size: Int

    /// Opens `path` with `open(2)` and `O_DIRECT`.
    ///
    /// - Throws: `invalidArgument` when the file system has no direct I/O, `notSupported` when it
    ///   took the flag and `statx(2)` tells that this file has none.
    public init(
        _ path: String, _ options: OpenOptions = .read, mode: UInt32 = 0o644
    ) throws(Errno) {
        let opened = try Descriptor.open(path, options.union(.direct), mode: mode)
        let facts = try opened.facts()
        // Such a file is read and written through the page cache without a word: one that is
        // encrypted, say, or journalled with its data.
        if facts.hasDirectIOFacts, facts.directOffsetAlignment == 0 { throw .notSupported }
        if facts.directOffsetAlignment > 0 {
            alignment = facts.directOffsetAlignment
            memoryAlignment = max(facts.directMemoryAlignment, 1)
            alignmentSource = .statx
        } else {
            alignment = facts.logicalBlockSize ?? 512
            memoryAlignment = alignment
            alignmentSource = facts.logicalBlockSize == nil ? .assumed : .blockDevice
        }
        size = facts.size
        descriptor = opened
    }
}
