// SPDX-License-Identifier: GPL-3.0-or-later

import CShims

/// How `open(2)` opens a file; `O_CLOEXEC` is always set.
public struct OpenOptions: OptionSet, Sendable {
    /// The bits that the shim understands.
    public let rawValue: UInt32

    /// Takes bits as the shim defines them.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ bit: Int) { rawValue = UInt32(bit) }

    /// Read only (`O_RDONLY`): the empty set.
    public static let read = OpenOptions([])
    /// Write only (`O_WRONLY`).
    public static let write = OpenOptions(CSHIMS_OPEN_WRITE)
    /// Read and write (`O_RDWR`).
    public static let readWrite = OpenOptions(CSHIMS_OPEN_READ_WRITE)
    /// Makes the file when it does not exist (`O_CREAT`).
    public static let create = OpenOptions(CSHIMS_OPEN_CREATE)
    /// Cuts the file to nothing (`O_TRUNC`).
    public static let truncate = OpenOptions(CSHIMS_OPEN_TRUNCATE)
    /// Reads and writes past the page cache (`O_DIRECT`).
    public static let direct = OpenOptions(CSHIMS_OPEN_DIRECT)
    /// Refuses a file that exists, or a block device in use (`O_EXCL`).
    public static let exclusive = OpenOptions(CSHIMS_OPEN_EXCLUSIVE)
    /// Writes at the end (`O_APPEND`).
    public static let append = OpenOptions(CSHIMS_OPEN_APPEND)
    /// Refuses anything but a directory (`O_DIRECTORY`).
    public static let directory = OpenOptions(CSHIMS_OPEN_DIRECTORY)
    /// A file without a name in the directory given (`O_TMPFILE`); needs `write` or `readWrite`.
    public static let temporary = OpenOptions(CSHIMS_OPEN_TEMPORARY)
    /// Never blocks (`O_NONBLOCK`).
    public static let nonblocking = OpenOptions(CSHIMS_OPEN_NONBLOCK)
    /// Reading leaves the time of last access as it is (`O_NOATIME`); for the owner and root.
    public static let noAccessTime = OpenOptions(CSHIMS_OPEN_NOATIME)
    /// Refuses a symbolic link at the path's end (`O_NOFOLLOW`).
    public static let noFollow = OpenOptions(CSHIMS_OPEN_NOFOLLOW)
    /// The file's place alone (`O_PATH`): neither to read nor to write.
    public static let place = OpenOptions(CSHIMS_OPEN_PATH)
}
