// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A bisection by `git bisect run` in a private worktree.
///
/// Source: git-bisect(1).
package struct GitBisection: Sendable, Equatable {
    /// What a step may answer.
    package enum Answer: String, Sendable {
        case good, bad, skip
    }

    /// A commit that was tried.
    package struct Step: Sendable, Equatable {
        /// The commit.
        package var commit: Commit
        /// The answer.
        package var answer: Answer
    }

    /// How it ended.
    package enum Ending: Sendable, Equatable {
        /// With the first bad commit.
        case found(Commit)
        /// With the commits of which one is the first bad one: those between them were skipped.
        case candidates([Commit])
    }

    /// The commits that were tried, in this order.
    package let steps: [Step]
    /// How it ended.
    package let ending: Ending

    /// The exit code by which a step ends the bisection, instead of an answer: `git bisect run`
    /// takes no code from 128 for one.
    package static let abort: Int32 = 128
    /// A step ends its own make and guests first, which have 5 s each.
    private static let grace = Duration.seconds(60)

    /// Bisects; only the numbers of commits pass through git, no tree is checked out.
    ///
    /// - Parameters:
    ///   - step: a program and its arguments, which finds the commit to judge as BISECT_HEAD of the
    ///     worktree. It exits with 0 for a good commit, 1 for a bad one, 125 for one that cannot be
    ///     judged, and with 128 or more to end the bisection.
    ///   - line: called for each line that git and the steps print.
    /// - Throws: `failure` when a step ended it, or git failed; `interrupted`.
    package init(
        in worktree: PrivateWorktree, good: Commit, bad: Commit, step: [String],
        line: @escaping @Sendable (String) -> Void
    ) async throws(PlumblineError) {
        let git = worktree.git
        try await git.require(
            ["bisect", "start", "--no-checkout", bad.hash, good.hash, "--"],
            purpose: "starting the bisection")
        // Of two neighbours the answer is known.
        if let result = try await Self.result(git) {
            (steps, ending) = result
            return
        }
        let outcome = try await git.run(["bisect", "run"] + step, grace: Self.grace, line: line)
        guard let result = try await Self.result(git) else {
            throw .failure(
                "the bisection ended early: \(Git.words(of: outcome))",
                remedy: "run the same command again to continue; finished steps are kept")
        }
        (steps, ending) = result
    }

    /// The commit that a step is to judge.
    package static func head(in worktree: String) async throws(PlumblineError) -> Commit {
        try await Git(in: worktree, isInterrupted: { false }).commit("BISECT_HEAD", option: "git")
    }

    /// What `git bisect log` has of an ended bisection; nil for one that is not at its end.
    private static func result(
        _ git: Git
    ) async throws(PlumblineError) -> (steps: [Step], ending: Ending)? {
        let log = try await git.require(["bisect", "log"], purpose: "reading the bisection")
        return read(log.lines)
    }

    /// Reads the lines of `git bisect log`: a comment with the answer, the hash and the subject for
    /// each commit, the two that it started with first.
    package static func read(_ lines: [String]) -> (steps: [Step], ending: Ending)? {
        var answers: [Step] = []
        var found: Commit?
        var candidates: [Commit] = []
        for line in lines {
            guard line.hasPrefix("# "), let colon = line.firstIndex(of: ":"),
                let commit = commit(in: line[colon...].dropFirst())
            else { continue }
            switch line[..<colon].dropFirst(2) {
            case "first bad commit": found = commit
            case "possible first bad commit": candidates.append(commit)
            case let word:
                guard let answer = Answer(rawValue: String(word)) else { continue }
                answers.append(Step(commit: commit, answer: answer))
            }
        }
        let steps = Array(answers.dropFirst(2))
        if let found { return (steps, .found(found)) }
        return candidates.isEmpty ? nil : (steps, .candidates(candidates))
    }

    /// Reads ` [HASH] SUBJECT`.
    private static func commit(in text: Substring) -> Commit? {
        guard text.hasPrefix(" ["), let end = text.firstIndex(of: "]") else { return nil }
        let hash = text[..<end].dropFirst(2)
        guard Git.isHash(hash) else { return nil }
        return Commit(hash: String(hash), subject: String(text[end...].dropFirst(2)))
    }
}
