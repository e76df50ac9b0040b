// SPDX-License-Identifier: GPL-3.0-or-later

/// Storage that is ready for a workload, until it is removed.
public final class PreparedStorage {
    /// Where files go; nil for a raw device.
    public let directory: String?
    /// The block device below; nil for a directory of the user's.
    public let device: String?
    /// The file system's name, such as `ext4`; `none` for a raw device.
    public let fileSystem: String
    /// What it is made of, for the journal: `storage`, `device_bytes`, `compression` and so on.
    public let facts: [String: String]
    /// What a user should know.
    public let warnings: [String]
    private let changes: ChangeStack

    init(
        directory: String?, device: String?, fileSystem: String, facts: [String: String],
        warnings: [String] = [], changes: ChangeStack
    ) {
        self.directory = directory
        self.device = device
        self.fileSystem = fileSystem
        self.facts = facts
        self.warnings = warnings
        self.changes = changes
    }

    /// Puts everything back, with the files in it; doing it twice does no harm.
    ///
    /// - Returns: what could not be put back as it should; it stays in the ledger.
    @discardableResult
    public func remove() -> [String] { changes.undoAll() }
}
