// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// Storage that is ready for a workload, until it is removed.
public final class PreparedStorage {
    /// Where files go; nil for a raw device.
    public let directory: String?
    /// The block device below; nil for a directory of the user's.
    public let device: String?
    /// The file system's name, such as `ext4`; `none` for a raw device.
    public let fileSystem: String
    /// Warnings for the user.
    public let warnings: [String]
    private let changes: ChangeStack

    init(
        directory: String? = nil, device: String? = nil, fileSystem: String = "none",
        warnings: [String] = [], changes: ChangeStack
    ) {
        self.directory = directory
        self.device = device
        self.fileSystem = fileSystem
        self.warnings = warnings
        self.changes = changes
    }

    /// Whether the directory or device is still there, and the file system is mounted.
    public var isIntact: Bool {
        guard let directory else { return device.map { SystemFile.exists($0) } ?? true }
        guard device != nil else { return SystemFile.exists(directory) }
        let path = DataDirectory.absolute(directory)
        return MountPoint.all().contains { $0.path == path }
    }

    /// Removes the storage with its files; doing it twice does no harm.
    ///
    /// - Returns: notices for the user; a change that cannot be undone stays in the undo log.
    @discardableResult
    public func remove() -> [String] { changes.undoAll() }
}
