// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

extension FileSystem {
    /// The Debian package with its mkfs.
    var package: String { self == .ext4 ? "e2fsprogs" : "xfsprogs" }
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
