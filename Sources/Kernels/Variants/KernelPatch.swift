// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A change to the kernel's source in the format of `patch -p1`.
package struct KernelPatch: Sendable, Equatable {
    /// The name of our patch, or the file's without its extension.
    package let name: String
    /// The user's file; nil for a patch of ours.
    package let path: String?
    let text: String
    /// Whether it is taken out rather than applied (`patch -R`).
    package let isReverted: Bool

    /// The text's SHA-256 in hexadecimal digits.
    var hash: String { BuildHash.hex(text) }

    init(name: String, text: String, path: String? = nil, isReverted: Bool = false) {
        self.name = name
        self.text = text
        self.path = path
        self.isReverted = isReverted
    }

    /// Reads a user's patch.
    ///
    /// - Parameter isReverted: whether it is to be taken out of the source.
    package init(readingFrom path: String, isReverted: Bool = false) throws(PlumblineError) {
        try self.init(
            UserCache.userText("patch", at: path, limit: 8 << 20), at: path,
            isReverted: isReverted)
    }

    /// Checks a user's patch.
    ///
    /// - Parameter path: the file that it was read from.
    /// - Throws: `usage` for a text without a file, and for a file outside the source.
    package init(
        _ text: String, at path: String, isReverted: Bool = false
    ) throws(PlumblineError) {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let stem =
            file.hasSuffix(".patch") || file.hasSuffix(".diff")
            ? file.split(separator: ".").dropLast().joined(separator: ".") : file
        self.init(
            name: String(stem.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }),
            text: text, path: path, isReverted: isReverted)
        guard !files.isEmpty else {
            throw .usage(
                "\(path) is not a patch: no line begins with '+++ '",
                remedy: "make one with `git format-patch` or `diff -u`")
        }
        if let bad = names.first(where: Self.isOutside) {
            throw .usage("the patch \(path) changes a file outside the source: \(bad.printable)")
        }
        // A file whose name is not read would stay changed in the source.
        if let bad = names.first(where: Self.isQuoted) {
            throw .usage("the patch \(path) has a file name in quotes: \(bad.printable)")
        }
    }

    /// The files it changes, relative to the top of the source, each once.
    package var files: [String] {
        var seen: Set<String> = []
        return names.compactMap { name in
            let file = String(Substring(name.utf8.prefix { $0 != 9 && $0 != 13 }))
            return seen.insert(file).inserted ? file : nil
        }
    }

    /// What begins a line with a file's name.
    private static let marks = [
        "+++ ", "--- ", "rename from ", "rename to ", "copy from ", "copy to ",
    ]

    /// The names, up to the ends of their lines, without the directory that -p1 takes off. They are
    /// read as bytes, like patch(1) does: to Unicode, a `/` and a combining mark are one character.
    private var names: [Substring] {
        text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let mark = Self.marks.first(where: { line.starts(with: $0.utf8) }) else {
                return nil
            }
            let name = Substring(line.dropFirst(mark.utf8.count))
            guard mark.utf8.count == 4, !Self.isQuoted(name) else { return name }
            // `diff -u` may put a date behind a tab; mail has "--- " before its statistics.
            let word = name.utf8.prefix { !Self.blanks.contains($0) }
            guard !word.elementsEqual("/dev/null".utf8),
                let slash = name.utf8.firstIndex(of: UInt8(ascii: "/"))
            else { return nil }
            return name[name.utf8.index(after: slash)...]
        }
    }

    private static let blanks = " \t\r".utf8

    private static func isQuoted(_ name: Substring) -> Bool {
        name.utf8.first == UInt8(ascii: "\"")
    }

    /// Whether a name leaves the source, wherever patch(1) may think that it ends.
    private static func isOutside(_ name: Substring) -> Bool {
        let parts = name.utf8.split { $0 == UInt8(ascii: "/") || blanks.contains($0) }
        return name.utf8.first == UInt8(ascii: "/")
            || parts.contains { $0.elementsEqual("..".utf8) }
    }
}
