// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import SystemPackage

/// A file or directory of the cache; a symbolic link is never followed.
package struct CacheFile: Sendable, Equatable {
    package enum Kind: Sendable, Equatable { case regular, directory, other }

    /// Days of no use after which a file that takes seconds to make is removed.
    package static let daysKept = 7

    package let path: String
    package let kind: Kind
    /// Seconds since it was made or last used.
    package let age: Int

    /// The last part of the path.
    package var name: String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// Whether the name has the id of a running process that will rename it.
    var isBeingMade: Bool {
        [KernelStore.stagingPrefix, UserCache.initramfsPrefix].contains { prefix in
            name.hasPrefix(prefix)
                && SystemFile.exists("/proc/\(name.dropFirst(prefix.count).prefix { $0 != "-" })")
        }
    }

    /// Whether the process that was to rename it is gone.
    private var isAbandoned: Bool { name.hasPrefix(UserCache.initramfsPrefix) && !isBeingMade }

    /// What is at a path; nil for nothing.
    package init?(_ path: String) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        self.path = path
        kind =
            switch facts.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            default: .other
            }
        age = time(nil) - facts.st_mtim.tv_sec
    }

    /// The files of a directory; none for a link.
    package static func list(_ directory: String) -> [CacheFile] {
        guard CacheFile(directory)?.kind == .directory else { return [] }
        return ((try? SystemFile.list(directory)) ?? []).compactMap { .init("\(directory)/\($0)") }
    }

    /// The path with all links resolved; nil when nothing is there.
    package static func resolved(_ path: String) -> String? {
        let real = realpath(path, nil)
        defer { free(real) }
        return real.map { String(cString: $0) }
    }

    /// Records that a file was used now.
    package static func touch(_ path: String) { _ = utimensat(AT_FDCWD, path, nil, 0) }

    /// Removes files that were not used for a week, or were not finished, and are not locked.
    package static func pruneUnused(in directory: String, beginningWith prefix: String = "") {
        for file in list(directory) where file.kind == .regular {
            guard file.name.hasPrefix(prefix),
                file.isAbandoned || file.age > daysKept * 86_400,
                let held = try? Descriptor.open(file.path),
                (try? held.lockExclusively()) != nil
            else { continue }
            try? SystemFile.unlink(file.path)
        }
    }

    /// Bytes on the disk, with all below a directory.
    package var bytes: Int {
        guard let result = try? Command.run(["du", "-s", "--block-size=1", "--", path]) else {
            return 0
        }
        // du complains about files that go away meanwhile; the sum is the last line.
        let sum = result.output.split(separator: "\n").last?.prefix { $0.isNumber }
        return sum.flatMap { Int($0) } ?? 0
    }

    /// Removes it, and all below a directory.
    ///
    /// - Throws: the error of the first file that cannot be removed.
    package func remove() throws(Errno) {
        if kind == .directory {
            for file in Self.list(path) { try file.remove() }
            try SystemFile.removeDirectory(path)
        } else {
            try SystemFile.unlink(path)
        }
    }
}
