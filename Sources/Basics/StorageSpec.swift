// SPDX-License-Identifier: GPL-3.0-or-later

/// The storage for a workload's data, as a user names it: `directory`, `zram:ext4`, `loop`,
/// `device:/dev/sdb`, `virtio:xfs`.
public struct StorageSpec: Sendable, Hashable {
    /// What holds the data: the kinds of storage by their names in settings.
    ///
    /// Each kind is one case here and one file in Machine/Storage, with a line in `StorageKind`'s
    /// catalogue.
    public enum Backing: String, Sendable, CaseIterable {
        /// A directory of the user's.
        case directory
        /// A new zram device.
        case zram
        /// A new loop device over a file on a new tmpfs.
        case loop
        /// A RAM disk of the brd driver.
        case ramDisk = "brd"
        /// A new null_blk device.
        case nullBlock = "null_blk"
        /// A drive of a guest that may be written to (virtio-blk).
        case guestDrive = "virtio"
        /// A block device of the user's.
        case device

        /// The texts after the name and a colon, for help; an empty one stands for no colon.
        var arguments: [String] {
            switch self {
            case .directory: [""]
            case .device: ["/dev/NAME"]
            default: [""] + FileSystem.allCases.map(\.rawValue)
            }
        }
    }

    /// All names, for help texts and errors.
    public static let names = Backing.allCases.flatMap { backing in
        backing.arguments.map { $0.isEmpty ? backing.rawValue : "\(backing.rawValue):\($0)" }
    }

    /// The name that the user gave.
    public let text: String
    /// What holds the data.
    public let backing: Backing
    /// The file system to make; nil for a raw device, or the directory's own.
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
    /// After how many nanoseconds null_blk's timer completes a request; nil for the driver's 10000.
    public let completionDelay: Int?
    /// Whether null_blk keeps what is written.
    public let isMemoryBacked: Bool

    /// Checks a storage's name.
    ///
    /// - Throws: `usage` for an unknown name, with all known names, and for writing to a given
    ///   device without permission.
    public init(
        text: String, size: Int, directory: String? = nil, writes: Bool = false,
        allowDestructive: Bool = false, interruptMode: Int = 0,
        completionDelay: Int? = nil, isMemoryBacked: Bool = true
    ) throws(PlumblineError) {
        let argument = Self.argument(of: text)
        guard let backing = Backing(rawValue: String(text.prefix { $0 != ":" })),
            backing == .device
                ? argument.hasPrefix("/")
                : backing.arguments.contains(argument) && !text.hasSuffix(":")
        else {
            throw .unknown("storage", text, among: Self.names)
        }
        if backing == .device, writes, !allowDestructive {
            throw .usage(
                "storage: writing to \(argument) destroys its contents",
                remedy: "to allow it, add --allow-destructive")
        }
        self.text = text
        self.backing = backing
        fileSystem = FileSystem(rawValue: argument)
        self.size = size
        self.directory = directory
        self.writes = writes
        self.allowDestructive = allowDestructive
        self.interruptMode = interruptMode
        self.completionDelay = completionDelay
        self.isMemoryBacked = isMemoryBacked
    }

    private static func argument(of text: String) -> String {
        text.firstIndex(of: ":").map { String(text[text.index(after: $0)...]) } ?? ""
    }

    /// Where a device's requests complete.
    public enum Completion: String, Sendable {
        /// In the submitter, before submitting returns.
        case inline
        /// In a softirq, on the CPU that submitted.
        case softirq
        /// In a hard interrupt.
        case interrupt
    }

    /// Where requests complete; nil where that is not known: a loop device completes in a kernel
    /// thread, and a device of the user's as its driver does.
    ///
    /// Seen by the tracepoint `block_rq_complete` on Linux 6.12 and 7.2. On a machine of one CPU
    /// `irqmode=1` completes inline.
    public var completion: Completion? {
        switch backing {
        case .zram, .ramDisk: .inline
        case .nullBlock: [.inline, .softirq, .interrupt][interruptMode]
        case .guestDrive: .interrupt
        case .directory, .loop, .device: nil
        }
    }

    /// Whether what is written to it stays in memory as it is.
    package var takesMemory: Bool {
        backing == .ramDisk || (backing == .nullBlock && isMemoryBacked)
    }

    /// The given block device; empty for other storage.
    package var device: String { backing == .device ? Self.argument(of: text) : "" }

    /// The size of the device in bytes.
    public var deviceSize: Int {
        fileSystem.map { $0.deviceSize(forFiles: size) } ?? (size + 4095) / 4096 * 4096
    }
}
