// SPDX-License-Identifier: GPL-3.0-or-later

/// A word in a program's arguments that stands for its storage.
///
/// Behind a dollar sign it is a shell's variable, and is left alone.
package enum StorageWord: String, CaseIterable, Sendable {
    /// The directory of the mounted file system, or the device's path where there is none.
    case storage = "{storage}"
    /// The file, or the device, that a cell of direct I/O with the same storage reads: `size` bytes
    /// that do not compress.
    case file = "{file}"

    /// Whether it stands in one of the arguments.
    package func isIn(_ arguments: [String]) -> Bool {
        arguments.contains { replaced(in: $0, by: "") != $0 }
    }

    /// The argument with a path in its place, wherever it stands.
    package func replaced(in argument: String, by path: String) -> String {
        var text = ""
        var rest = argument[...]
        while let found = rest.firstRange(of: rawValue) {
            text += rest[..<found.lowerBound]
            text += text.last == "$" ? rawValue : path
            rest = rest[found.upperBound...]
        }
        return text + rest
    }
}
