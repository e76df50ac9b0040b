// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

extension HistoryStore {
    /// The file that options and environment name: `--store`, `$PLUMBLINE_HISTORY`,
    /// `$XDG_DATA_HOME/plumbline/history.sqlite`, `~/.local/share/plumbline/history.sqlite`.
    ///
    /// - Throws: `usage` where nothing names one.
    /// - Source: the XDG Base Directory Specification 0.8.
    package static func path(
        option: String?, environment: [String: String]
    ) throws(PlumblineError) -> String {
        if let path = option ?? environment["PLUMBLINE_HISTORY"], !path.isEmpty { return path }
        let file = "plumbline/history.sqlite"
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/\(file)" }
        if let home = environment["HOME"], home.hasPrefix("/") {
            return "\(home)/.local/share/\(file)"
        }
        throw .usage("there is no place for a history", remedy: "give --store FILE, or set HOME")
    }

    /// Refuses a path that is no file, and makes the directories above a new one.
    static func prepare(_ path: String, for access: Access) throws(PlumblineError) {
        if let kind = kind(of: path) {
            guard kind != .regular else { return }
            throw .failure(
                "\(path): it is \(kind == .directory ? "a directory" : "not a regular file")",
                remedy: "name a history's file by --store")
        }
        guard access == .adding else {
            throw .usage(
                "\(path): there is no such history",
                remedy: "add journals by `plumbline history add JOURNAL…`, or name another by "
                    + "--store")
        }
        do { try SystemFile.makeDirectories(directory(of: path), mode: 0o700) } catch {
            throw .failure(
                "\(path): cannot make its directory: \(error)",
                remedy: "name a file that you may write to by --store")
        }
    }

    /// Runs `body` while no other process that asks for this too runs its own.
    static func withLock<Value>(
        besides path: String, patience: Double, _ body: () throws -> Value
    ) throws -> Value {
        // Not the file itself: closing any descriptor of it ends SQLite's own locks.
        guard let lock = try? Descriptor.open(directory(of: path), .directory) else {
            return try body()
        }
        do throws(Errno) {
            try lock.lockExclusively(withinMilliseconds: Int(patience * 1000))
        } catch .wouldBlock {
            throw HistoryFailure(path: path, patience: patience).locked
        } catch {
            // A file system without such locks.
        }
        return try body()
    }

    private static func kind(of path: String) -> FileFacts.Kind? {
        // As above: O_PATH is no descriptor of the file.
        guard let file = try? Descriptor.open(path, .place) else { return nil }
        return try? file.facts().kind
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
