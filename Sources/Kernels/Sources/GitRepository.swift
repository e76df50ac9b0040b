// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A user's git repository, whose commits are checked out into a tree of the cache.
///
/// Nothing is written to the repository: the index is in the cache, and the repository's settings
/// for checkouts are overridden.
struct GitRepository: Sendable, Equatable {
    /// The repository's `.git`, which its worktrees share.
    let directory: String
    /// The commit's hash.
    let commit: String

    /// The identity of the tree that all commits share.
    var identity: String { "repository \(directory)" }

    /// Looks up a commit.
    init(
        _ reference: String, in place: String, _ process: BuildProcess
    ) async throws(PlumblineError) {
        let whole = "git:\(place)@\(reference)"
        let found = try await process.run([
            "git", "-C", place, "rev-parse", "--path-format=absolute", "--git-common-dir",
        ])
        guard found.succeeded, let directory = found.lines.last else {
            throw .usage(
                "\(whole): \(place) is not a git repository",
                remedy: found.lines.last { !$0.isEmpty } ?? "give its directory before the @")
        }
        let outcome = try await process.run([
            "git", "-C", place, "rev-parse", "--verify", "--quiet", "--end-of-options",
            "\(reference)^{commit}",
        ])
        guard outcome.succeeded, let commit = outcome.lines.last else {
            throw .usage(
                "\(whole): no such commit",
                remedy: outcome.lines.last { !$0.isEmpty }
                    ?? "see `git -C \(place) branch --all` and `git -C \(place) tag`")
        }
        self.directory = directory
        self.commit = commit
    }

    /// The version and release of the commit.
    func examine(
        place: String, _ process: BuildProcess
    ) async throws(PlumblineError) -> (version: String, release: String) {
        let listed = try await process.require(
            git("ls-tree", ["--name-only", "--full-tree", commit, "--"] + KernelSource.needed),
            purpose: "listing \(place)")
        try KernelSource.refuseMissing(place: place) { listed.lines.contains($0) }
        let makefile = try await process.require(
            git("show", ["\(commit):Makefile"]), purpose: "reading the Makefile of \(place)",
            keeping: .max)
        return try KernelSource.numbers(
            in: makefile.lines.joined(separator: "\n"), place: place)
    }

    /// Checks out the commit; only files that change get a new time.
    ///
    /// - Parameter index: the index of the tree, made when it is not there.
    func checkOut(
        to tree: String, index: String, _ process: BuildProcess
    ) async throws(PlumblineError) {
        // A killed git leaves it; the source's lock keeps others away.
        UserCache.remove("\(index).lock")
        try await process.require(
            ["env", "GIT_INDEX_FILE=\(index)"]
                + git(
                    "read-tree", ["--reset", "-u", "--no-recurse-submodules", commit], tree: tree),
            purpose: "checking out \(commit)")
    }

    private func git(_ command: String, _ words: [String], tree: String? = nil) -> [String] {
        let settings = [
            "core.hooksPath=/dev/null", "core.autocrlf=false", "core.sparseCheckout=false",
            "core.fsmonitor=false", "core.splitIndex=false",
        ]
        return ["git", "--git-dir=\(directory)"] + (tree.map { ["--work-tree=\($0)"] } ?? [])
            + settings.flatMap { ["-c", $0] } + [command] + words
    }
}
