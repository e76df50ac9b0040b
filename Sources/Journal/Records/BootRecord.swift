// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// One boot of a machine that reboots between kernels, as the machine says itself.
public struct BootRecord: Codable, Sendable, Equatable {
    /// The files that tell of it, in the order of `init(reading:)`.
    public static let files = [
        "/proc/sys/kernel/random/boot_id", "/proc/version", "/proc/cmdline",
    ]

    /// Differs between any two boots.
    public var bootID: String
    /// /proc/version.
    public var version: String
    /// /proc/cmdline.
    public var commandLine: String
    /// The machine's address, without the user, where two machines swap kernels; else absent.
    public var host: String?
    /// From the command that rebooted until the machine answered, nanoseconds; absent where it was
    /// up before.
    public var took: Int?

    private enum CodingKeys: String, CodingKey {
        case bootID = "boot_id"
        case version = "proc_version"
        case commandLine = "command_line"
        case host
        case took = "took_ns"
    }

    /// A boot.
    public init(bootID: String, version: String, commandLine: String, took: Int? = nil) {
        self.bootID = bootID
        self.version = version
        self.commandLine = commandLine
        self.took = took
    }

    /// Reads the content of `files`, one after the other.
    ///
    /// - Returns: nil when it is not theirs.
    public init?(reading text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count >= 3, lines[0].count == 36,
            lines[0].utf8.count(where: { $0 == 0x2d }) == 4,
            lines[1].hasPrefix("Linux version ")
        else { return nil }
        self.init(
            bootID: String(lines[0]), version: lines[1].trimmed, commandLine: lines[2].trimmed)
    }
}
