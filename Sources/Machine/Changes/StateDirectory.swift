// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

/// The directory for undo logs and for the mount points of our storage.
public enum StateDirectory {
    /// `/run/plumbline` for root, else `$XDG_RUNTIME_DIR/plumbline`, else
    /// `~/.local/state/plumbline`; `/tmp/plumbline-<uid>` for a user without a home.
    public static var path: String {
        path(
            user: ChildProcess.userID, runtimeDirectory: environment("XDG_RUNTIME_DIR"),
            home: environment("HOME"))
    }

    /// The state directory of a user.
    public static func path(
        user: Int32, runtimeDirectory: String?, home: String? = nil
    ) -> String {
        if user == 0 { return "/run/plumbline" }
        if let runtimeDirectory, runtimeDirectory.hasPrefix("/") {
            return "\(runtimeDirectory)/plumbline"
        }
        if let home, home.hasPrefix("/") { return "\(home)/.local/state/plumbline" }
        return "/tmp/plumbline-\(UInt32(bitPattern: user))"
    }

    /// Makes the directory and its parents, writable by this user only.
    ///
    /// - Throws: `failure` when it cannot be made, is a symbolic link, is writable by others, or
    ///   belongs to another user.
    public static func prepare(_ directory: String = path) throws(PlumblineError) {
        let remedy = "set XDG_RUNTIME_DIR to a directory of yours"
        let facts = try attempting(
            "cannot make the state directory \(directory)", remedy: "run as root, or \(remedy)"
        ) { () throws(Errno) in
            try SystemFile.makeDirectories(directory, mode: 0o700)
            return try Descriptor.open(directory, [.directory, .noFollow]).facts()
        }
        guard facts.permissions & 0o022 == 0 else {
            throw .failure(
                "\(directory) is writable by other users",
                remedy: "remove it, or run: chmod 700 \(directory)")
        }
        guard isOurs(facts) else {
            throw .failure(
                "\(directory) belongs to another user",
                remedy: "ask its owner to remove it, or \(remedy)")
        }
    }

    /// Whether only this user can write to a directory.
    static func isTrusted(_ directory: String) -> Bool {
        guard let facts = try? Descriptor.open(directory, [.directory, .noFollow]).facts() else {
            return false
        }
        return isOurs(facts) && facts.permissions & 0o022 == 0
    }

    private static func isOurs(_ facts: FileFacts) -> Bool {
        facts.owner == UInt32(bitPattern: ChildProcess.userID)
    }

    /// The value of an environment variable; nil when it is empty or not set.
    static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}
