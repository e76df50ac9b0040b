// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import SystemPackage

/// The directories in which the loader looks for libraries (ld.so(8)).
struct LibraryPlaces: Sendable, Equatable {
    /// Those that ldconfig(8) reads, then those that are built into the loader: of most
    /// distributions, and of Debian.
    private let directories: [String]

    init() {
        directories =
            Self.configured(by: "/etc/ld.so.conf", depth: 0) + [
                "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
                "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib",
            ]
    }

    /// The first library of a name that is for this processor.
    ///
    /// - Parameter first: directories before the usual ones.
    func find(
        _ name: String, first: [String], machine: ELFFile.Machine
    ) -> (path: String, file: ELFFile)? {
        if name.contains("/") { return Self.library(name, machine) }
        for directory in first + directories {
            if let found = Self.library("\(directory)/\(name)", machine) { return found }
        }
        return nil
    }

    private static func library(
        _ path: String, _ machine: ELFFile.Machine
    ) -> (path: String, file: ELFFile)? {
        guard SystemFile.exists(path), let file = try? ELFFile(readingFrom: path),
            file.machine == machine
        else { return nil }
        return (path, file)
    }

    /// A directory of a search path with `$ORIGIN`, the directory of the file that has it, and
    /// `$LIB` replaced.
    static func expand(_ directory: String, origin file: String) -> String {
        let own = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        let words = [
            ("${ORIGIN}", own), ("$ORIGIN", own), ("${LIB}", "lib/x86_64-linux-gnu"),
            ("$LIB", "lib/x86_64-linux-gnu"),
        ]
        return words.reduce(directory) { $0.replacing($1.0, with: $1.1) }
    }

    /// The directories of a configuration file and of those that it includes.
    private static func configured(by path: String, depth: Int) -> [String] {
        guard depth < 4, let text = try? SystemFile.read(path) else { return [] }
        return text.split(separator: "\n").flatMap { line -> [String] in
            let line = line.prefix { $0 != "#" }.trimmed
            if line.hasPrefix("include ") {
                return included(line.dropFirst("include ".count).trimmed).flatMap {
                    configured(by: $0, depth: depth + 1)
                }
            }
            return line.hasPrefix("/") ? [line] : []
        }
    }

    /// The files of a pattern such as `/etc/ld.so.conf.d/*.conf`.
    private static func included(_ pattern: String) -> [String] {
        guard let slash = pattern.lastIndex(of: "/") else { return [] }
        let (directory, name) = (pattern[..<slash], pattern[pattern.index(after: slash)...])
        let glob = Glob(String(name))
        return ((try? SystemFile.list(String(directory))) ?? []).filter(glob.matches).map {
            "\(directory)/\($0)"
        }
    }
}
