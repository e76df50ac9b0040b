// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

/// Where a kernel's source comes from.
public enum SourceSpec: Sendable, Hashable {
    /// Debian's package `linux-source-VERSION`, through apt.
    case packaged(version: String)
    /// A directory, of which a copy is taken.
    case directory(String)
    /// An archive that tar can read.
    case tarball(String)
    /// A commit of a git repository.
    case git(directory: String, reference: String)

    /// Reads `DIR`, `TARBALL` or `git:DIR@REF`.
    ///
    /// - Throws: `usage` when it names nothing that could hold a source.
    public init(_ text: String) throws(PlumblineError) {
        if text.hasPrefix("git:") {
            let rest = text.dropFirst(4)
            guard let at = rest.lastIndex(of: "@"), at != rest.startIndex,
                rest.index(after: at) != rest.endIndex
            else {
                throw .usage(
                    "\(text) names no repository and commit",
                    remedy: "write git:DIRECTORY@REFERENCE, such as git:/src/linux@v6.12")
            }
            self = .git(
                directory: Self.expanded(String(rest[..<at])),
                reference: String(rest[rest.index(after: at)...]))
            return
        }
        let text = Self.expanded(text)
        let kind: FileFacts.Kind
        do {
            let file = try Descriptor.open(text, [.read, .nonblocking])
            kind = try file.facts().kind
        } catch {
            throw .usage(
                "--source \(text): \(error)",
                remedy: "name a source directory, an archive, or git:DIRECTORY@REFERENCE")
        }
        switch kind {
        case .directory: self = .directory(text)
        case .regular: self = .tarball(text)
        default: throw .usage("--source \(text): neither a directory nor an archive")
        }
    }

    /// With the home directory for a leading `~`, which a shell leaves alone after `git:`.
    private static func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
        return String(cString: home) + path.dropFirst()
    }
}
