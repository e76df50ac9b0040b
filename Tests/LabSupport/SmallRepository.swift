// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A git repository of a test's own: each commit puts its number into the file `value`.
package struct SmallRepository {
    /// Its directory.
    package let path: String
    /// The hashes, the oldest first.
    package private(set) var commits: [String] = []

    /// Makes a repository with so many commits, whose numbers begin with 0.
    package init(in scratch: Scratch, commits count: Int, named name: String = "repo") throws {
        path = "\(scratch.path)/\(name)"
        try SystemFile.makeDirectory(path)
        try git("init", "-q", "-b", "main")
        try git("config", "user.name", "A. Tester")
        try git("config", "user.email", "tester@localhost")
        for number in 0..<count { try commit(number) }
    }

    /// Adds a commit that puts a number into a file.
    package mutating func commit(_ number: Int, file: String = "value") throws {
        try write("\(number)\n", to: file)
        try git("add", file)
        try git("commit", "-qm", "set \(file) to \(number)")
        commits.append(try git("rev-parse", "HEAD"))
    }

    /// Writes a file of the checkout.
    package func write(_ text: String, to file: String, mode: UInt32 = 0o644) throws {
        try Descriptor.open("\(path)/\(file)", [.write, .create, .truncate], mode: mode)
            .writeAll(text)
    }

    /// Runs git there, and gives what it printed.
    ///
    /// - Throws: `failure` with git's words.
    @discardableResult
    package func git(_ words: String...) throws -> String {
        let result = try Command.run(["git", "-C", path] + words)
        guard result.succeeded else {
            throw PlumblineError.failure("git \(words.joined(separator: " ")): \(result.output)")
        }
        return result.output.trimmed
    }

    /// Everything of the repository that a user would miss: refs, HEAD, the state of the checkout,
    /// the worktrees and a bisection.
    package func state() throws -> [String] {
        let bisection = try Command.run(["git", "-C", path, "bisect", "log"]).output
        return try [
            git("for-each-ref"), git("symbolic-ref", "HEAD"), git("status", "--porcelain"),
            git("stash", "list"), git("worktree", "list"), bisection,
        ]
    }

    /// Has every hook leave a mark, and gives the mark's path.
    package func addHooks() throws -> String {
        let hooks = [
            "post-checkout", "reference-transaction", "applypatch-msg", "pre-applypatch",
            "post-applypatch", "commit-msg", "pre-commit", "post-index-change",
        ]
        for hook in hooks {
            try write(
                "#!/bin/sh\necho \(hook) >>'\(path)/.git/mark'\n", to: ".git/hooks/\(hook)",
                mode: 0o755)
        }
        return "\(path)/.git/mark"
    }
}
