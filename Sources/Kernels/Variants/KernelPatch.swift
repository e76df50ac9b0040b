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
        if let bad = files.first(where: {
            $0.hasPrefix("/") || $0.split(separator: "/").contains("..")
        }) {
            throw .usage("the patch \(path) changes a file outside the source: \(bad)")
        }
    }

    /// The files it changes, relative to the top of the source, each once.
    var files: [String] {
        var seen: Set<String> = []
        return text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            Self.fileName(in: Substring(line)).flatMap { seen.insert($0).inserted ? $0 : nil }
        }
    }

    private static func fileName(in line: Substring) -> String? {
        for mark in ["rename from ", "rename to "] where line.hasPrefix(mark) {
            return String(line.dropFirst(mark.count).prefix { !$0.isNewline })
        }
        guard line.hasPrefix("+++ ") || line.hasPrefix("--- ") else { return nil }
        let name = line.dropFirst(4).prefix { $0 != "\t" && !$0.isNewline }
        // `diff -u` may put a date behind a tab; mail has "--- " before its statistics.
        guard name != "/dev/null", let slash = name.firstIndex(of: "/") else { return nil }
        return String(name[name.index(after: slash)...])
    }
}
