// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The kernel's files below `/proc`, `/sys` and `/dev`, or a test's copies in a directory.
public struct SystemTree: Sendable, Equatable {
    /// The prefix of every path; empty for the machine itself.
    public let root: String

    /// The machine itself.
    public static let live = SystemTree(root: "")

    /// A tree below a directory, without a slash at the end.
    public init(root: String) { self.root = root }

    /// The real path of an absolute path of the tree.
    public func path(_ absolute: String) -> String { root + absolute }

    /// A whole file; nil when it is not readable.
    public func read(_ absolute: String) -> String? { try? SystemFile.read(path(absolute)) }

    /// A file that holds one decimal number; nil when it does not.
    public func readInteger(_ absolute: String) -> Int? {
        try? SystemFile.readInteger(path(absolute))
    }

    /// The value of a file's first line `name: value`; blanks around the colon are ignored.
    package func field(_ name: String, in absolute: String) -> String? {
        for line in (read(absolute) ?? "").split(separator: "\n") where line.hasPrefix(name) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            guard line[..<colon].words.joined(separator: " ") == name else { continue }
            return line[line.index(after: colon)...].trimmed
        }
        return nil
    }

    /// The first CPU's model name, where known.
    package var cpuModel: String? { field("model name", in: "/proc/cpuinfo") }

    /// A value of `/proc/meminfo` in bytes.
    package func memory(_ name: String) -> Int? {
        field(name, in: "/proc/meminfo")?.words.first.flatMap { Int($0) }.map { $0 << 10 }
    }

    /// The sorted names in a directory; none when it does not exist.
    public func list(_ absolute: String) -> [String] {
        (try? SystemFile.list(path(absolute))) ?? []
    }

    /// Whether a file of any kind exists.
    public func exists(_ absolute: String) -> Bool { SystemFile.exists(path(absolute)) }
}
