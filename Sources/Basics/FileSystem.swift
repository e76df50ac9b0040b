// SPDX-License-Identifier: GPL-3.0-or-later

/// File systems that Plumbline makes.
public enum FileSystem: String, Sendable, CaseIterable {
    /// ext4, by mkfs.ext4 of e2fsprogs.
    case ext4
    /// XFS, by mkfs.xfs of xfsprogs.
    case xfs

    /// The size in bytes of a device for files of this many bytes.
    ///
    /// ext4 keeps inode tables and a journal of up to 64 MiB beside them; mkfs.xfs refuses
    /// less than 300 MiB and has a log of 64 MiB.
    func deviceSize(forFiles bytes: Int) -> Int {
        let size = bytes + bytes / 16 + (self == .ext4 ? 96 << 20 : 160 << 20)
        let least = max(size, self == .ext4 ? 0 : 320 << 20)
        return ((least + (1 << 20) - 1) >> 20) << 20
    }
}
