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

    private static let tree = "plumbline"
    /// Locked as long as the worktree is in use: the kernel unlocks it when the process is killed.
    private static let lock = "plumbline.lock"

    /// Makes a worktree, and removes it after the body, whatever happens there. What killed
    /// processes left is removed first.
    ///
    /// - Parameter commit: what its HEAD is.
    /// - Throws: `failure` when it cannot be made.
    package static func with<Value>(
        of repository: Git, at commit: Commit,
        _ body: (PrivateWorktree) async throws(PlumblineError) -> Value
    ) async throws(PlumblineError) -> Value {
        // After Ctrl-C, too.
        let last = Git(in: repository.place, isInterrupted: { false })
        await removeAbandoned(by: last)
        let directory = try makeDirectory()
        let tree = "\(directory)/\(Self.tree)"
        let lock = try takeLock(in: directory)
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
        await remove(tree, in: directory, by: last)
        try? lock.close()
        return try result.get()
    }

    private static func remove(_ tree: String, in directory: String, by git: Git) async {
        _ = try? await git.run(["worktree", "remove", "--force", "--force", "--", tree])
        UserCache.remove(directory)
    }

    /// Removes the worktrees of ours that no process uses.
    private static func removeAbandoned(by git: Git) async {
        let listed = (try? await git.run(["worktree", "list", "--porcelain"]))?.lines ?? []
        for line in listed where line.hasPrefix("worktree ") && line.hasSuffix("/\(tree)") {
            let path = String(line.dropFirst("worktree ".count))
            let directory = String(path.dropLast(tree.utf8.count + 1))
            guard directory.split(separator: "/").last?.hasPrefix("plumbline-") == true,
                let lock = try? Descriptor.open("\(directory)/\(Self.lock)", .readWrite),
                (try? lock.lockExclusively()) != nil
            else { continue }
            await remove(path, in: directory, by: git)
        }
    }

    private static func takeLock(in directory: String) throws(PlumblineError) -> Descriptor {
        do {
            let file = try Descriptor.open(
                "\(directory)/\(Self.lock)", [.readWrite, .create], mode: 0o600)
            try file.lockExclusively()
            return file
        } catch {
            UserCache.remove(directory)
            throw .failure(
                "cannot lock a file in \(directory): \(error)",
                remedy: "set TMPDIR to a directory on a local file system")
        }
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
