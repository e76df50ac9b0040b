// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Linux

/// Git commands on a user's repository: they run none of its hooks, and start no editor and no
/// garbage collection. `git bisect` alone is a script that forgets these settings, and runs the hook
/// reference-transaction.
package struct Git: Sendable {
    /// A directory of the repository, as the user gave it.
    package let place: String
    let process: BuildProcess

    /// Settings over those of the repository and of the user.
    private static let settings = [
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.editor=false", "gc.auto=0",
        "maintenance.auto=false", "commit.gpgSign=false", "log.showSignature=false",
        "color.ui=false", "advice.mergeConflict=false",
    ]
    /// Variables by which a program that started this one points git at its own repository.
    private static let pointers = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
        "GIT_NAMESPACE", "GIT_PREFIX",
    ]

    /// - Parameter isInterrupted: polled ten times a second; a command that runs is ended then.
    package init(in place: String, isInterrupted: @escaping @Sendable () -> Bool) {
        self.place = place
        process = BuildProcess(isInterrupted: isInterrupted)
    }

    /// Has git commands of this process and its children find repositories by their place alone,
    /// where a hook or an alias of git started it.
    package static func forgetCaller() { for name in pointers { unsetenv(name) } }

    /// Refuses a directory that is not in a repository.
    ///
    /// - Throws: `usage` with git's words.
    package func check() async throws(PlumblineError) {
        let found = try await run(["rev-parse", "--git-dir"])
        guard found.succeeded else {
            throw .usage("--repo \(place) is not a git repository", remedy: Self.words(of: found))
        }
    }

    /// Looks up a commit that the user names.
    ///
    /// - Parameter option: what the user names it with, for errors.
    /// - Throws: `usage` for a name that looks like an option, or that names no commit.
    package func commit(
        _ reference: String, option: String
    ) async throws(PlumblineError) -> Commit {
        guard !reference.isEmpty, !reference.isLikeOption else {
            throw .usage(
                "invalid value '\(reference)' for \(option) (expected a commit)",
                remedy: "give a hash, a branch or a tag; none begins with '-'")
        }
        let found = try await run([
            "rev-parse", "--verify", "--quiet", "--end-of-options", "\(reference)^{commit}",
        ])
        guard found.succeeded, let hash = found.lines.last, Self.isHash(hash) else {
            throw .usage(
                "\(option) \(reference): no such commit in \(place)",
                remedy: found.lines.last { !$0.isEmpty }
                    ?? "see `git -C \(place) branch --all` and `git -C \(place) tag`")
        }
        return try await commit(hash: hash)
    }

    /// A commit by its whole hash.
    func commit(hash: String) async throws(PlumblineError) -> Commit {
        let shown = try await require(
            ["show", "--no-patch", "--format=%s", "--end-of-options", hash],
            purpose: "reading the commit \(hash)")
        return Commit(hash: hash, subject: shown.lines.last ?? "")
    }

    /// Runs a command of git.
    ///
    /// - Parameter grace: the time that it and what it starts have to end after Ctrl-C.
    func run(
        _ words: [String], environment: [String] = [], grace: Duration = BuildProcess.killTimeout,
        line: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(PlumblineError) -> BuildProcess.Outcome {
        try await process.run(
            (environment.isEmpty ? [] : ["env"] + environment) + ["git", "-C", place]
                + Self.settings.flatMap { ["-c", $0] } + words, keeping: .max, grace: grace,
            line: line)
    }

    /// Runs a command of git that must succeed.
    ///
    /// - Throws: `failure` with git's words.
    @discardableResult
    func require(
        _ words: [String], purpose: String
    ) async throws(PlumblineError) -> BuildProcess.Outcome {
        let outcome = try await run(words)
        guard outcome.succeeded else {
            throw BuildFailure.diskFull(in: outcome.lines, while: purpose)
                ?? .failure("\(purpose): git \(words[0]) failed: \(Self.words(of: outcome))")
        }
        return outcome
    }

    /// What git said of a failure: its errors, else its last lines.
    static func words(of outcome: BuildProcess.Outcome) -> String {
        let marks = ["fatal:", "error:", "Patch failed at"]
        let lines = outcome.lines.filter { !$0.isEmpty && !$0.hasPrefix("hint:") }
        let errors = lines.filter { line in marks.contains { line.hasPrefix($0) } }
        return (errors.isEmpty ? Array(lines.suffix(3)) : Array(errors.prefix(6)))
            .joined(separator: "; ")
    }

    /// Whether a text is a whole hash, of SHA-1 or SHA-256.
    static func isHash(_ text: some StringProtocol) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64)
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
