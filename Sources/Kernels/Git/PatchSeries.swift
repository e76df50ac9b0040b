// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Linux

/// Patches in the order in which they apply, each a commit of a repository.
package struct PatchSeries: Sendable, Equatable {
    /// Where patches come from.
    package enum Origin: Sendable, Equatable {
        /// Commits of the repository.
        case range(base: String, tip: String)
        /// A file of mails.
        case mailbox(String)
        /// A thread of a mailing list, by the message-id of one of its mails.
        case message(String)
    }

    /// The commit before the first patch.
    package let base: Commit
    /// The patches.
    package let patches: [Commit]

    /// Finds the patches; those of mails are applied in a private worktree, whose commits stay in
    /// the repository's objects until git collects garbage, and which no ref names.
    ///
    /// - Parameters:
    ///   - base: the commit that mails apply to; nil with a range.
    ///   - path: the PATH in which b4 is looked up.
    /// - Throws: `usage` for commits that are not there or not in one line, mails without patches,
    ///   and a patch that does not apply; `failure` without b4, or when it fails; `interrupted`.
    package init(
        _ origin: Origin, base: String?, in git: Git, path: String
    ) async throws(PlumblineError) {
        switch origin {
        case .range(let first, let last):
            let start = try await git.commit(first, option: "the range's base")
            let tip = try await git.commit(last, option: "the range's tip")
            _ = try await git.count(from: start, to: tip, options: ("the base", "the tip"))
            self.base = start
            patches = try await git.line(from: start, to: tip)
        case .mailbox(let file):
            // Git reads it in another directory.
            let whole =
                file.hasPrefix("/") ? file : "\(FileManager.default.currentDirectoryPath)/\(file)"
            let start = try await Self.base(base, of: git)
            self.base = start
            patches = try await PrivateWorktree.with(of: git, at: start) {
                worktree throws(PlumblineError) in
                try await Self.apply([whole], named: file, on: worktree)
            }
        case .message(let id):
            let start = try await Self.base(base, of: git)
            let tool = try Self.findTool(path)
            self.base = start
            patches = try await PrivateWorktree.with(of: git, at: start) {
                worktree throws(PlumblineError) in
                let files = try await Self.download(id, with: tool, in: worktree)
                return try await Self.apply(files, named: id, on: worktree)
            }
        }
    }

    private static func base(
        _ reference: String?, of git: Git
    ) async throws(PlumblineError) -> Commit {
        guard let reference else {
            throw .usage(
                "mails need --base", remedy: "name the commit that the patches apply to")
        }
        return try await git.commit(reference, option: "--base")
    }

    /// Applies mails with `git am`. The committer and the time are fixed, so that the same mails on
    /// the same base make the same commits, whose kernels and journals are found again.
    private static func apply(
        _ files: [String], named name: String, on worktree: PrivateWorktree
    ) async throws(PlumblineError) -> [Commit] {
        let git = worktree.git
        let base = try await git.commit("HEAD", option: "git")
        try await git.require(["read-tree", "HEAD"], purpose: "reading the base")
        let applied = try await git.run(
            ["am", "--quiet", "--empty=drop", "--committer-date-is-author-date", "--"] + files,
            environment: [
                "GIT_COMMITTER_NAME=plumbline", "GIT_COMMITTER_EMAIL=plumbline@localhost",
            ])
        guard applied.succeeded else {
            if applied.lines.contains(where: { $0.hasPrefix("Patch format detection failed") }) {
                throw Self.noPatch(name)
            }
            throw .usage(
                "\(name) does not apply to \(base.short): \(Git.words(of: applied))",
                remedy: "give the --base that the patches were made for")
        }
        let tip = try await git.commit("HEAD", option: "git")
        guard tip != base else { throw Self.noPatch(name) }
        return try await git.line(from: base, to: tip)
    }

    private static func noPatch(_ name: String) -> PlumblineError {
        .usage("\(name) has no patch", remedy: "give a file of mails with patches")
    }

    /// b4's path.
    private static func findTool(_ path: String) throws(PlumblineError) -> String {
        let found = BuildTools.directories(path).map { "\($0)/b4" }.first { SystemFile.exists($0) }
        guard let found else {
            throw .failure(
                "b4, which gets patches by a message-id, is not in PATH",
                remedy: "apt-get install b4; or save the mails, and give their file")
        }
        return found
    }

    /// Downloads the patches of a thread with b4.
    ///
    /// Source: b4(5).
    private static func download(
        _ id: String, with tool: String, in worktree: PrivateWorktree
    ) async throws(PlumblineError) -> [String] {
        let mails = "\(worktree.directory)/mails"
        try UserCache.makeDirectory(mails)
        // What b4 keeps for later goes with the worktree.
        let outcome = try await worktree.git.process.run(
            [
                "env", "XDG_CACHE_HOME=\(worktree.directory)/cache", tool, "am", "--outdir", mails,
                id,
            ],
            in: worktree.git.place)
        let files = ((try? SystemFile.list(mails)) ?? []).filter { $0.hasSuffix(".mbx") }
        guard outcome.succeeded, !files.isEmpty else {
            throw .failure(
                "b4 am \(id) failed: \(words(ofTool: outcome.lines))",
                remedy: "check the network and the message-id; or save the mails, and give their "
                    + "file")
        }
        return files.map { "\(mails)/\($0)" }
    }

    /// What b4 said; of a Python traceback without a connection, the host and the system's error.
    static func words(ofTool lines: [String]) -> String {
        let lines = lines.filter { !$0.isEmpty }
        guard lines.contains(where: { $0.hasPrefix("Traceback ") }), let error = lines.last else {
            return lines.suffix(3).joined(separator: "; ")
        }
        guard error.contains("ConnectionError"), let host = error.firstRange(of: "host='") else {
            return error
        }
        let name = error[host.upperBound...].prefix { $0 != "'" }
        guard let number = error.ranges(of: "[Errno ").last else { return "cannot reach \(name)" }
        let reason = error[number.upperBound...].drop { $0 != "]" }.dropFirst()
            .prefix { $0 != "'" && $0 != ")" }
        return "cannot reach \(name): \(reason.trimmed)"
    }
}
