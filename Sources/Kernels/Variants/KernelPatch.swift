// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A change to the kernel's source, as `patch -p1` reads it.
public struct KernelPatch: Sendable, Equatable {
    /// What errors and names of variants call it: our patch's name, or the file's without its end.
    public let name: String
    /// Where the user's file is; nil for one of ours.
    public let path: String?
    /// The patch itself.
    public let text: String
    /// Whether it is taken out rather than applied (`patch -R`).
    public let isReverted: Bool

    /// The text's SHA-256 in hexadecimal digits.
    public var digest: String { BuildDigest.hex(text) }

    /// The versions that we have patches for, and whose sources are to be had from Debian.
    public static let versions = ["6.12", "7.2"]
    /// Our patches, in the order in which they are applied.
    public static let names = ["pipe-prealloc", "dio-cache", "dio-kmemcache"]
    /// Pairs of patches that do not go together.
    static let exclusive = [("dio-cache", "dio-kmemcache")]
    /// Bytes a patch may have.
    static let sizeLimit = 8 << 20

    /// Whether a version has a change of itself; our patch then only adds the switch.
    static func isUpstream(_ name: String, in version: String) -> Bool {
        name == "pipe-prealloc" && version == "7.2"
    }

    init(name: String, text: String, path: String? = nil, isReverted: Bool = false) {
        self.name = name
        self.text = text
        self.path = path
        self.isReverted = isReverted
    }

    /// Reads a user's patch.
    ///
    /// - Parameter isReverted: whether it is to be taken out of the source.
    /// - Throws: `usage` when the file cannot be read or changes nothing.
    public init(readingFrom path: String, isReverted: Bool = false) throws(PlumblineError) {
        let bytes: [UInt8]
        do {
            let file = try Descriptor.open(path, [.read, .nonblocking])
            bytes = try file.readAll(limit: Self.sizeLimit)
        } catch {
            throw .usage("the patch \(path) cannot be read: \(error)")
        }
        let file = path.split(separator: "/").last.map(String.init) ?? path
        let stem =
            file.hasSuffix(".patch") || file.hasSuffix(".diff")
            ? file.split(separator: ".").dropLast().joined(separator: ".") : file
        self.init(
            name: String(stem.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }),
            text: String(decoding: bytes, as: UTF8.self), path: path, isReverted: isReverted)
        guard !files.isEmpty else {
            throw .usage(
                "\(path) is no patch: it has no line that begins with '+++ '",
                remedy: "make one with `git format-patch` or `diff -u`")
        }
        if let bad = files.first(where: Self.leavesTree) {
            throw .usage("the patch \(path) names a file outside the source: \(bad)")
        }
    }

    /// One of ours for a version; nil when it has none of this name.
    static func ours(_ name: String, for version: String) -> KernelPatch? {
        guard let bytes = embedded["\(name)-\(version)"] else { return nil }
        return KernelPatch(name: name, text: String(decoding: bytes, as: UTF8.self))
    }

    /// The files it touches, seen from the source's top, each once.
    var files: [String] {
        var found: [String] = []
        for line in text.split(separator: "\n") {
            guard let name = Self.fileName(in: line), !found.contains(name) else { continue }
            found.append(name)
        }
        return found
    }

    private static func fileName(in line: Substring) -> String? {
        for mark in ["rename from ", "rename to "] where line.hasPrefix(mark) {
            return String(line.dropFirst(mark.count))
        }
        guard line.hasPrefix("+++ ") || line.hasPrefix("--- ") else { return nil }
        let name = line.dropFirst(4).prefix { $0 != "\t" && $0 != "\r" }
        // `diff -u` may put a date behind blanks; mail has "--- " before its statistics.
        guard name != "/dev/null", let slash = name.firstIndex(of: "/") else { return nil }
        return String(name[name.index(after: slash)...])
    }

    private static func leavesTree(_ file: String) -> Bool {
        file.hasPrefix("/") || file.split(separator: "/").contains("..")
    }
}
