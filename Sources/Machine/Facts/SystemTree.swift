// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// The kernel's files below `/proc`, `/sys` and `/dev`, or a copy of them in a test's directory.
public struct SystemTree: Sendable, Equatable {
    /// What stands before every path; empty for the machine itself.
    public let root: String

    /// The machine itself.
    public static let live = SystemTree(root: "")

    /// A tree below a directory, without a slash at the end.
    public init(root: String) { self.root = root }

    /// Where an absolute path of the tree really is.
    public func path(_ absolute: String) -> String { root + absolute }

    /// A whole file; nil when it is not there or not readable.
    public func read(_ absolute: String) -> String? { try? SystemFile.read(path(absolute)) }

    /// A file that holds one decimal number; nil when it does not.
    public func readInteger(_ absolute: String) -> Int? {
        try? SystemFile.readInteger(path(absolute))
    }

    /// The sorted names in a directory; none when it is not there.
    public func list(_ absolute: String) -> [String] {
        (try? SystemFile.list(path(absolute))) ?? []
    }

    /// Whether there is a file of any kind.
    public func exists(_ absolute: String) -> Bool { SystemFile.exists(path(absolute)) }
}
