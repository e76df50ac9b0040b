// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// The facts of a file system from `statfs(2)`.
public struct FileSystemFacts: Sendable, Equatable {
    /// The number that tells the kind of file system (`linux/magic.h`).
    public let magic: UInt64
    /// Bytes that an unprivileged user may still take.
    public let freeBytes: Int
    /// Bytes altogether.
    public let totalBytes: Int
    /// Bytes of a block.
    public let blockBytes: Int

    init(_ raw: cshims_filesystem_facts) {
        magic = raw.type_magic
        freeBytes = Int(clamping: raw.free_bytes)
        totalBytes = Int(clamping: raw.total_bytes)
        blockBytes = Int(clamping: raw.block_bytes)
    }

    /// The kind's name, such as "ext4"; the number in hexadecimal where it is not known.
    ///
    /// ext2 and ext3 share ext4's number and are called "ext4".
    public var name: String { Self.names[magic] ?? "0x" + String(magic, radix: 16) }

    /// Whether the files are in memory and no device is below.
    public var isInMemory: Bool { name == "tmpfs" || name == "ramfs" }

    private static let names: [UInt64: String] = [
        0x0102_1994: "tmpfs",
        0x8584_58f6: "ramfs",
        0xef53: "ext4",
        0x5846_5342: "xfs",
        0x9123_683e: "btrfs",
        0x794c_7630: "overlay",
        0x9fa0: "proc",
        0x6265_6572: "sysfs",
        0x6367_7270: "cgroup2",
        0x6969: "nfs",
        0x0102_1997: "9p",
        0xf2f5_2010: "f2fs",
    ]
}
