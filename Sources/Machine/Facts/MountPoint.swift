// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
public struct MountPoint: Sendable, Equatable {
    /// The device's `major:minor`.
    public let device: String
    /// The mounted directory of the file system; `/` for all of it.
    public let root: String
    /// The directory that it is mounted on.
    public let path: String
    /// The type of file system, such as `ext4` or `cgroup2`.
    public let type: String
    /// The source: a device's path, or any word.
    public let source: String
    /// The file system's options; for cgroup v1 they include the controllers.
    public let options: [String]

    /// Reads a line; nil when it is incomplete.
    public init?(line: some StringProtocol) {
        let fields = line.words
        guard fields.count >= 6, let dash = fields.firstIndex(of: "-"), dash >= 6,
            fields.count >= dash + 4
        else { return nil }
        device = fields[2]
        root = Self.unescape(fields[3])
        path = Self.unescape(fields[4])
        type = fields[dash + 1]
        source = Self.unescape(fields[dash + 2])
        options = fields[dash + 3].split(separator: ",").map(String.init)
    }

    /// All mounts of this mount namespace, in the kernel's order.
    public static func all(in tree: SystemTree = .live) -> [MountPoint] {
        (tree.read("/proc/self/mountinfo") ?? "").split(separator: "\n")
            .compactMap { MountPoint(line: $0) }
    }

    /// Decodes space, tab, line end and backslash from three octal digits.
    private static func unescape(_ field: String) -> String {
        // The backslash comes last: its decoded form must not begin another code.
        [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
            .reduce(field) { $0.replacing($1.0, with: $1.1) }
    }
}
