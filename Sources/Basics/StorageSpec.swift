// SPDX-License-Identifier: GPL-3.0-or-later

/// Which storage a workload's data is on, as a user names it: `directory`, `zram:ext4`, `loop`,
/// `device:/dev/sdb`, `virtio:xfs`.
public struct StorageSpec: Sendable, Hashable {
    /// What holds the data.
    public enum Backing: Sendable, Hashable {
        /// A directory of the user's.
        case directory
        /// A zram device of ours.
        case zram
        /// A loop device of ours over a file on a tmpfs of ours.
        case loop
        /// A RAM disk of the brd driver.
        case ramDisk
        /// A null_blk device of ours.
        case nullBlock
        /// A drive that a guest was given to be written (virtio-blk).
        case guestDrive
        /// A block device of the user's.
        case device(String)
    }

    /// Every name there is, for help texts and errors.
    public static let names = [
        "directory", "zram", "zram:ext4", "zram:xfs", "loop", "loop:ext4", "loop:xfs", "brd",
        "brd:ext4", "brd:xfs", "null_blk", "null_blk:ext4", "null_blk:xfs", "virtio", "virtio:ext4",
        "virtio:xfs", "device:/dev/NAME",
    ]

    /// As the user named it.
    public let text: String
    /// What holds the data.
    public let backing: Backing
    /// The file system to make on it; nil for a raw device, or the directory's own.
    public let fileSystem: FileSystem?
    /// Bytes of files, or of the raw device, that must fit.
    public let size: Int
    /// Where files go with `directory`; nil for `$TMPDIR`, else the current directory.
    public let directory: String?
    /// Whether the workload writes.
    public let writes: Bool
    /// Whether a given block device may be written.
    public let allowDestructive: Bool
    /// How null_blk completes a request: the driver's `irqmode`, 0 to 2.
    public let interruptMode: Int

    /// Reads a storage's name.
    ///
    /// - Throws: `usage` for a name that does not exist, with all that do, and for writing to a
    ///   given device without permission.
    public init(
        text: String, size: Int, directory: String? = nil, writes: Bool = false,
        allowDestructive: Bool = false, interruptMode: Int = 0
    ) throws(PlumblineError) {
        guard let (backing, fileSystem) = Self.parse(text) else {
            throw SettingValues.unknown(text, among: Self.names, in: "storage", what: "storage")
        }
        if case .device(let path) = backing, writes, !allowDestructive {
            throw .usage(
                "storage: writing to \(path) destroys what is on it",
                remedy: "add --allow-destructive if that is meant")
        }
        self.text = text
        self.backing = backing
        self.fileSystem = fileSystem
        self.size = size
        self.directory = directory
        self.writes = writes
        self.allowDestructive = allowDestructive
        self.interruptMode = interruptMode
    }

    private static func parse(_ text: String) -> (Backing, FileSystem?)? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.count == 2 ? String(parts[1]) : nil
        let backing: Backing
        switch parts[0] {
        case "directory" where rest == nil: return (.directory, nil)
        case "device":
            guard let rest, rest.hasPrefix("/") else { return nil }
            return (.device(rest), nil)
        case "zram": backing = .zram
        case "loop": backing = .loop
        case "brd": backing = .ramDisk
        case "null_blk": backing = .nullBlock
        case "virtio": backing = .guestDrive
        default: return nil
        }
        guard let rest else { return (backing, nil) }
        guard let fileSystem = FileSystem(rawValue: rest) else { return nil }
        return (backing, fileSystem)
    }

    /// How large the device must be, in bytes.
    public var deviceSize: Int {
        fileSystem.map { $0.deviceSize(forFiles: size) } ?? (size + 4095) / 4096 * 4096
    }
}
