// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux
import SystemPackage

/// A worktree of a user's repository in a directory of our own: its HEAD, its index and a bisection
/// in it are not those of the user.
///
/// No file is checked out into it.
package struct PrivateWorktree: Sendable {
    /// The directory around it, for the user alone (mode 0700).
    package let directory: String
    /// Git in the worktree.
    package let git: Git

    /// Makes a worktree, and removes it after the body, whatever happens there.
    ///
    /// - Parameter commit: what its HEAD is.
    /// - Throws: `failure` when it cannot be made.
    package static func with<Value>(
        of repository: Git, at commit: Commit,
        _ body: (PrivateWorktree) async throws(PlumblineError) -> Value
    ) async throws(PlumblineError) -> Value {
        let directory = try makeDirectory()
        let tree = "\(directory)/plumbline"
        // After Ctrl-C, too.
        let last = Git(in: repository.place, isInterrupted: { false })
        let result: Result<Value, PlumblineError>
        do throws(PlumblineError) {
            try await repository.require(
                ["worktree", "add", "--detach", "--no-checkout", "--", tree, commit.hash],
                purpose: "making a worktree of \(repository.place)")
            let worktree = PrivateWorktree(
                directory: directory,
                git: Git(in: tree, isInterrupted: repository.process.isInterrupted))
            result = .success(try await body(worktree))
        } catch {
            result = .failure(error)
        }
        _ = try? await last.run(["worktree", "remove", "--force", "--force", "--", tree])
        UserCache.remove(directory)
        return try result.get()
    }

    /// A new directory in TMPDIR, else in /tmp.
    private static func makeDirectory() throws(PlumblineError) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let pattern = "\(parent.hasPrefix("/") ? parent : "/tmp")/plumbline-XXXXXX"
        var bytes = Array(pattern.utf8CString)
        guard mkdtemp(&bytes) != nil else {
            throw .failure(
                "cannot make the directory \(pattern): \(Errno(rawValue: errno))",
                remedy: "set TMPDIR to a directory that you may write to")
        }
        return String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
