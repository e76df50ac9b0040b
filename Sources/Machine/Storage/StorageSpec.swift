// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The storage for a workload's data, as a user names it: `directory`, `zram:ext4`, `loop`,
/// `device:/dev/sdb`, `virtio:xfs`.
public struct StorageSpec: Sendable, Hashable {
    /// The catalogue of kinds, in the order of the help text.
    static let kinds: [any StorageKind.Type] = [
        DirectoryStorage.self,
        ZramStorage.self,
        LoopStorage.self,
        RAMDiskStorage.self,
        NullBlockStorage.self,
        VirtioStorage.self,
        GivenDeviceStorage.self,
    ]

    /// All names, for help texts and errors.
    public static var names: [String] {
        kinds.flatMap { kind in
            kind.arguments.map { $0.isEmpty ? kind.name : "\(kind.name):\($0)" }
        }
    }

    /// The name that the user gave.
    public let text: String
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

    /// Checks a storage's name.
    ///
    /// - Throws: `usage` for an unknown name, with all known names, and for writing to a given
    ///   device without permission.
    public init(
        text: String, size: Int, directory: String? = nil, writes: Bool = false,
        allowDestructive: Bool = false, interruptMode: Int = 0
    ) throws(PlumblineError) {
        self.text = text
        self.size = size
        self.directory = directory
        self.writes = writes
        self.allowDestructive = allowDestructive
        self.interruptMode = interruptMode
        guard let kind, kind.accepts(argument) else {
            throw SettingValues.unknown(text, among: Self.names, in: "storage", what: "storage")
        }
        if kind == GivenDeviceStorage.self, writes, !allowDestructive {
            throw .usage(
                "storage: writing to \(argument ?? "") destroys its contents",
                remedy: "to allow it, add --allow-destructive")
        }
    }

    private var kind: (any StorageKind.Type)? {
        let word = text.prefix { $0 != ":" }
        return Self.kinds.first { $0.name == word }
    }

    /// The text after the colon.
    var argument: String? {
        text.firstIndex(of: ":").map { String(text[text.index(after: $0)...]) }
    }

    /// The file system to make; nil for a raw device, or the directory's own.
    var fileSystem: FileSystem? { argument.flatMap(FileSystem.init(rawValue:)) }

    /// The size of the device in bytes.
    public var deviceSize: Int {
        fileSystem.map { $0.deviceSize(forFiles: size) } ?? (size + 4095) / 4096 * 4096
    }

    /// Makes the storage; an error leaves nothing behind.
    ///
    /// - Parameter pulse: called at least every 50 ms, here and when the storage is removed.
    /// - Throws: `usage` for a directory or device that is not suitable, or for more memory than
    ///   is available; `failure` when the machine lacks or refuses something, with the remedy.
    public func prepare(
        undoLog: UndoLog, pulse: @escaping () -> Void = {}
    ) throws(PlumblineError) -> PreparedStorage {
        let changes = ChangeStack(undoLog, pulse: pulse)
        do {
            // `init` has checked the name.
            return try kind!.prepare(self, changes: changes)
        } catch {
            changes.undoAll()
            throw error
        }
    }
}
