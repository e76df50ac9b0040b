// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import TestSupport
import Testing

@testable import Kernels

/// Bisections by the real `git bisect run`. A shell script judges the commits by their content, so
/// that no kernel is built or measured.
@Suite("git bisect run", .serialized) struct GitBisectionTests {
    private let scratch: Scratch
    private let repository: SmallRepository

    init() throws {
        scratch = try Scratch()
        repository = try SmallRepository(in: scratch, commits: 16)
    }

    private func bisect(
        judge: String, from good: Int = 0, to bad: Int = 15
    ) async throws(PlumblineError) -> GitBisection {
        let git = Git(in: repository.path, isInterrupted: { false })
        let script: String
        do {
            script = try scratch.file(
                "judge", "n=$(git show BISECT_HEAD:value)\necho judging $n\n\(judge)\n")
        } catch { throw .failure("\(error)") }
        let (first, last) = (
            try await git.commit(repository.commits[good], option: "--good"),
            try await git.commit(repository.commits[bad], option: "--bad")
        )
        return try await PrivateWorktree.with(of: git, at: last) {
            worktree throws(PlumblineError) in
            try await GitBisection(
                in: worktree, good: first, bad: last, step: ["sh", script], line: { _ in })
        }
    }

    private func number(_ commit: Commit) -> Int? { repository.commits.firstIndex(of: commit.hash) }

    @Test("it finds the first bad commit, whichever it is", arguments: [1, 2, 7, 11, 14, 15])
    func finds(culprit: Int) async throws {
        let bisection = try await bisect(judge: "[ $n -lt \(culprit) ]")
        guard case .found(let commit) = bisection.ending else {
            Issue.record("\(bisection.ending)")
            return
        }
        #expect(number(commit) == culprit)
        #expect(commit.subject == "set value to \(culprit)")
        #expect((3...5).contains(bisection.steps.count))
        for step in bisection.steps {
            let place = try #require(number(step.commit))
            #expect(step.answer == (place < culprit ? .good : .bad))
        }
    }

    @Test("of two neighbours the newer one is it, and nothing is judged")
    func neighbours() async throws {
        let bisection = try await bisect(judge: "exit 1", from: 3, to: 4)
        #expect(bisection.steps.isEmpty)
        guard case .found(let commit) = bisection.ending else {
            Issue.record("\(bisection.ending)")
            return
        }
        #expect(number(commit) == 4)
    }

    @Test("skipped commits around the first bad one leave candidates")
    func skipped() async throws {
        let bisection = try await bisect(
            judge: "[ $n -ge 6 ] && [ $n -le 9 ] && exit 125; [ $n -lt 8 ]")
        guard case .candidates(let commits) = bisection.ending else {
            Issue.record("\(bisection.ending)")
            return
        }
        #expect(commits.compactMap { number($0) }.sorted() == [6, 7, 8, 9, 10])
        #expect(bisection.steps.contains { $0.answer == .skip })
    }

    @Test("a step that fails ends it, and the worktree goes", arguments: [128, 130, 255])
    func failedStep(code: Int) async throws {
        let before = try repository.state()
        await #expect(throws: PlumblineError.self) {
            try await bisect(judge: "exit \(code)")
        }
        #expect(try repository.state() == before)
    }

    @Test("the user's checkout, refs, hooks and own bisection are left alone")
    func untouched() async throws {
        try repository.git(
            "bisect", "start", repository.commits[9], repository.commits[1], "--")
        try repository.git("checkout", "-q", "main")
        try repository.write("changed by the user\n", to: "value")
        try repository.write("new\n", to: "untracked")
        let mark = try repository.addHooks()
        let before = try repository.state()
        try? SystemFile.unlink(mark)
        _ = try await bisect(judge: "[ $n -lt 5 ]")
        // git bisect is a shell script, which forgets the settings that it was started with.
        let ran = SystemFile.exists(mark) ? try SystemFile.read(mark) : ""
        #expect(Set(ran.split(separator: "\n")).isSubset(of: ["reference-transaction"]))
        #expect(try repository.state() == before)
        try? SystemFile.unlink(mark)
        try repository.git("update-ref", "refs/heads/other", "HEAD")
        #expect(SystemFile.exists(mark), "the hooks run where git is not told otherwise")
        #expect(try SystemFile.read("\(repository.path)/value") == "changed by the user\n")
    }

    @Test(
        "Ctrl-C lets a step end, also after the time of a build, and removes the worktree",
        arguments: [0, 6])
    func interrupted(secondsToEnd: Int) async throws {
        let before = try repository.state()
        let started = "\(scratch.path)/started"
        let git = Git(in: repository.path, isInterrupted: { SystemFile.exists(started) })
        let script = try scratch.file(
            "slow",
            "trap 'sleep \(secondsToEnd); touch \(started).ended; exit 130' TERM\n"
                + "sleep 60 &\ntouch '\(started)'\nwait\n")
        let commits = repository.commits
        let quiet = Git(in: repository.path, isInterrupted: { false })
        let (good, bad) = (
            try await quiet.commit(commits[0], option: "--good"),
            try await quiet.commit(commits[15], option: "--bad")
        )
        do {
            _ = try await PrivateWorktree.with(of: git, at: bad) {
                worktree throws(PlumblineError) in
                try await GitBisection(
                    in: worktree, good: good, bad: bad, step: ["sh", script], line: { _ in })
            }
            Issue.record("it was not interrupted")
        } catch {
            #expect(error.kind == .interrupted)
        }
        #expect(SystemFile.exists("\(started).ended"))
        #expect(try repository.state() == before)
    }

    @Test("the worktree of a killed process is removed at the next start, one in use is not")
    func abandoned() async throws {
        let before = try repository.state()
        let directory = "\(scratch.path)/plumbline-abcdef"
        let lock = "\(directory)/plumbline.lock"
        try SystemFile.makeDirectory(directory)
        try repository.git(
            "worktree", "add", "--detach", "--no-checkout", "--", "\(directory)/plumbline",
            repository.commits[3])
        let null = try Descriptor.open("/dev/null", .write)
        let owner = try Command.spawn(
            ["flock", "--no-fork", lock, "sleep", "3600"], output: null)
        try eventually("the lock is held") {
            try SystemFile.exists(lock)
                && !Command.run(["flock", "--nonblock", lock, "true"]).succeeded
        }
        _ = try await bisect(judge: "exit 0")
        #expect(SystemFile.exists("\(directory)/plumbline/.git"))
        try owner.kill()
        _ = try owner.wait()
        _ = try await bisect(judge: "exit 0")
        #expect(!SystemFile.exists(directory))
        #expect(try repository.state() == before)
    }

    @Test("a worktree of the user's own without a lock stays, whatever its name")
    func usersOwn() async throws {
        let directory = "\(scratch.path)/plumbline-ghijkl"
        try SystemFile.makeDirectory(directory)
        try repository.git(
            "worktree", "add", "--detach", "--", "\(directory)/plumbline", repository.commits[3])
        let before = try repository.state()
        _ = try await bisect(judge: "exit 0")
        #expect(try repository.state() == before)
        #expect(SystemFile.exists("\(directory)/plumbline/value"))
    }

    @Test("a subject that looks like an answer is only a subject")
    func subjects() throws {
        let hash = String(repeating: "a", count: 40)
        let other = String(repeating: "b", count: 40)
        let lines = [
            "git bisect start '--no-checkout' '\(hash)' '\(other)' '--'",
            "# status: waiting for good commit(s), bad commit known",
            "# bad: [\(hash)] first bad commit: [\(other)] x", "# good: [\(other)] y",
            "# skip: [\(hash)] # first bad commit: [\(other)] z",
        ]
        #expect(GitBisection.read(lines) == nil)
        let ended = GitBisection.read(lines + ["# first bad commit: [\(hash)] it is ]: this"])
        #expect(ended?.ending == .found(Commit(hash: hash, subject: "it is ]: this")))
        #expect(ended?.steps.map(\.answer) == [.skip])
    }
}
