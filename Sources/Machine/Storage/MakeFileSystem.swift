// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// File systems we make on devices of our own.
public enum FileSystem: String, Sendable, CaseIterable {
    /// ext4, by mkfs.ext4 of e2fsprogs.
    case ext4
    /// XFS, by mkfs.xfs of xfsprogs.
    case xfs

    /// The Debian package with its mkfs.
    var package: String { self == .ext4 ? "e2fsprogs" : "xfsprogs" }

    /// How large a device must be for files of this many bytes, in bytes.
    ///
    /// ext4 keeps inode tables and a journal of up to 64 MiB beside them; mkfs.xfs refuses
    /// less than 300 MiB and has a log of 64 MiB.
    func deviceSize(forFiles bytes: Int) -> Int {
        let size = bytes + bytes / 16 + (self == .ext4 ? 96 << 20 : 160 << 20)
        let least = max(size, self == .ext4 ? 0 : 320 << 20)
        return ((least + (1 << 20) - 1) >> 20) << 20
    }
}

/// Runs mkfs and mkswap; what they are told is a pure function.
public enum MakeFileSystem {
    /// The command line that makes a file system on a whole device.
    ///
    /// ext4 writes its tables now rather than by a kernel thread during the measurement; neither
    /// discards a device that is new.
    public static func arguments(_ fileSystem: FileSystem, device: String) -> [String] {
        switch fileSystem {
        case .ext4:
            [
                "mkfs.ext4", "-q", "-F", "-m", "0", "-E",
                "lazy_itable_init=0,lazy_journal_init=0,nodiscard", device,
            ]
        case .xfs: ["mkfs.xfs", "-q", "-f", "-K", device]
        }
    }

    /// The command line that prepares a device to be swapped to.
    public static func swapArguments(_ device: String) -> [String] { ["mkswap", device] }

    /// Runs one of these command lines.
    ///
    /// - Parameter pulse: called every 50 ms at least while it runs.
    /// - Throws: `failure` with the package to install, or with what the program said.
    static func run(
        _ arguments: [String], package: String, pulse: () -> Void = {}
    ) throws(PlumblineError) {
        guard let result = try HelperProgram.run(arguments, pulse: pulse) else {
            throw .failure("there is no \(arguments[0])", remedy: "apt-get install \(package)")
        }
        guard result.succeeded else {
            throw .failure(
                "\(arguments.joined(separator: " ")) failed: \(result.output.trimmed)")
        }
    }
}
