// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

/// Where a kernel's source comes from.
package enum SourceSpec: Sendable, Hashable {
    /// Debian's package `linux-source-VERSION`, through apt.
    case packaged(version: String)
    /// A directory, which is copied.
    case directory(String)
    /// An archive that tar can read.
    case tarball(String)
    /// A commit of a git repository.
    case git(directory: String, reference: String)

    /// Reads `DIR`, `TARBALL` or `git:DIR@REF`.
    package init(_ text: String) throws(PlumblineError) {
        if text.hasPrefix("git:") {
            let rest = text.dropFirst(4)
            guard let at = rest.lastIndex(of: "@"), at != rest.startIndex,
                rest.index(after: at) != rest.endIndex
            else {
                throw .usage(
                    "invalid source '\(text)' (expected git:DIRECTORY@REFERENCE)",
                    remedy: "give a repository and a commit, such as git:/src/linux@v6.12")
            }
            guard !rest.isLikeOption else {
                throw .usage(
                    "\(text): a path cannot begin with -", remedy: "write git:./\(rest)")
            }
            self = .git(
                directory: Self.expanded(String(rest[..<at])),
                reference: String(rest[rest.index(after: at)...]))
            return
        }
        guard !text.isLikeOption else {
            throw .usage("--source \(text): a path cannot begin with -", remedy: "write ./\(text)")
        }
        let text = Self.expanded(text)
        let kind: FileFacts.Kind
        do {
            let file = try Descriptor.open(text, [.read, .nonblocking])
            kind = try file.facts().kind
        } catch {
            throw .usage(
                "--source \(text): \(error)",
                remedy: "give a source directory, an archive, or git:DIRECTORY@REFERENCE")
        }
        switch kind {
        case .directory: self = .directory(text)
        case .regular: self = .tarball(text)
        default: throw .usage("--source \(text): not a directory or an archive")
        }
    }

    /// Expands a leading `~`, which a shell does not do after `git:`.
    private static func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
        return String(cString: home) + path.dropFirst()
    }
}
