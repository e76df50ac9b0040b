// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// The facts of an open file from `statx(2)` and a block device's ioctls.
public struct FileFacts: Sendable, Equatable {
    /// The type of a file.
    public enum Kind: Sendable, Equatable {
        /// A file with contents.
        case regular
        /// A directory.
        case directory
        /// A block device.
        case blockDevice
        /// A character device.
        case characterDevice
        /// A pipe, named or not.
        case pipe
        /// A socket, a symbolic link or something unknown.
        case other
    }

    /// The file's type.
    public let kind: Kind
    /// Bytes: the file's length, or a block device's capacity.
    public let size: Int
    /// The inode's number.
    public let inode: UInt64
    /// The permission bits, set-id bits included.
    public let permissions: UInt32
    /// The user it belongs to.
    public let owner: UInt32
    /// The major number of the file system's device, or of the device itself.
    public let deviceMajor: UInt32
    /// The minor number of the file system's device, or of the device itself.
    public let deviceMinor: UInt32
    /// Whether the kernel answered `STATX_DIOALIGN` (Linux 6.1 and later, some file systems).
    public let hasDirectIOFacts: Bool
    /// The alignment of a buffer's address for direct I/O; 0 for none or not known.
    public let directMemoryAlignment: Int
    /// The alignment of offsets and lengths for direct I/O; 0 for none or not known.
    public let directOffsetAlignment: Int
    /// The logical block of the block device below, in bytes; nil without one.
    public let logicalBlockSize: Int?

    init(_ raw: cshims_file_facts) {
        kind =
            switch raw.mode & 0o170000 {
            case 0o100000: .regular
            case 0o040000: .directory
            case 0o060000: .blockDevice
            case 0o020000: .characterDevice
            case 0o010000: .pipe
            default: .other
            }
        size = Int(raw.size_bytes)
        inode = raw.inode
        permissions = raw.mode & 0o7777
        owner = raw.owner
        deviceMajor = raw.device_major
        deviceMinor = raw.device_minor
        hasDirectIOFacts = raw.dio_reported != 0
        directMemoryAlignment = Int(raw.dio_memory_alignment)
        directOffsetAlignment = Int(raw.dio_offset_alignment)
        logicalBlockSize = raw.logical_block_bytes == 0 ? nil : Int(raw.logical_block_bytes)
    }
}
