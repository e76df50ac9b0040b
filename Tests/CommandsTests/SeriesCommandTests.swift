// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import SchemaSupport
import Testing

@testable import Commands

/// `plumbline series` as a user starts it, in real repositories. The journals of comparisons are
/// there beforehand: no kernel is built, booted or measured.
@Suite("plumbline series", .serialized) struct SeriesCommandTests {
    private let scratch: Scratch
    private let repository: SmallRepository
    private static let cells = ["pipe/1w1r/4KiB/none", "pipe/2w1r/64KiB/none"]

    init() throws {
        scratch = try Scratch()
        repository = try SmallRepository(in: scratch, commits: 4)
    }

    private var commits: [String] { repository.commits }

    private func prepare(_ a: String, _ b: String, effect: Double) throws {
        try SystemFile.makeDirectories("\(scratch.path)/journals", mode: 0o755)
        try FinishedComparison(effect: effect, cells: Self.cells)
            .write(to: "\(scratch.path)/journals/\(a.prefix(12))-\(b.prefix(12)).jsonl")
    }

    private func run(_ words: String) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run(
            "series \(words)", in: scratch.path,
            environment: "XDG_CACHE_HOME='\(scratch.path)/cache'")
    }

    @Test("each patch against the one before, and the whole, in one table")
    func range() throws {
        try prepare(commits[0], commits[1], effect: 1)
        try prepare(commits[1], commits[2], effect: 0.9)
        try prepare(commits[2], commits[3], effect: 1.2)
        try prepare(commits[0], commits[3], effect: 1.08)
        let words = "\(commits[0])..main smoke --repo repo --output journals"
        let outcome = try run(words)
        #expect(outcome.exit == .exited(3), "\(outcome.diagnostics)")
        let lines = outcome.document.split(separator: "\n")
        #expect(lines[0].hasPrefix("3 patches on \(commits[0].prefix(12)) set value to 0"))
        #expect(lines.contains { $0.hasPrefix("  2") && $0.contains("regressed") })
        #expect(lines.contains { $0.hasPrefix("  3") && $0.contains("improved") })
        #expect(lines.contains { $0.hasPrefix("  all") && $0.contains("improved") })
        #expect(outcome.document.replacing("\n", with: " ").contains("over all 8 cells (Holm)"))
        let again = try run("\(words) --format json")
        let json = try LineCodec.decode(JSONValue.self, from: again.document.utf8)
        let schema = try run("series --schema").document
        #expect(try SchemaValidator(schema).problems(json) == [])
        #expect(json["rows"]?.items?.count == 4)
    }

    @Test("a patch that does not build is named, and its neighbours are compared across it")
    func doesNotBuild() throws {
        try prepare(commits[0], commits[1], effect: 1)
        try prepare(commits[1], commits[3], effect: 0.9)
        try prepare(commits[0], commits[3], effect: 0.9)
        // The second patch has no journal: it is to be built, and is no kernel.
        let outcome = try run(
            "\(commits[0])..main smoke --repo repo --output journals --agent /bin/true")
        #expect(outcome.exit == .exited(3), "\(outcome.diagnostics)")
        #expect(outcome.diagnostics.contains("not built: \(commits[2].prefix(12)) set value to 2"))
        #expect(outcome.document.contains("not built: "))
        let lines = outcome.document.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("  3 (1)") && $0.contains("regressed") })
        #expect(lines.contains { $0.hasPrefix("  all") && $0.contains("regressed") })
    }

    @Test("a base that does not build ends it")
    func baseDoesNotBuild() throws {
        let outcome = try run("\(commits[0])..main smoke --repo repo --agent /bin/true --output j")
        #expect(outcome.exit == .exited(64), "\(outcome.diagnostics)")
        #expect(outcome.diagnostics.contains("\(commits[0]) is not a kernel source"))
    }

    @Test(
        "mails are applied, and their commits listed", arguments: ["series.mbox", "./series.mbox"])
    func mailbox(file: String) throws {
        try scratch.file(
            "series.mbox", repository.git("format-patch", "--stdout", commits[1]) + "\n")
        let before = try repository.state()
        let outcome = try run("\(file) smoke --repo repo --base \(commits[1]) --list")
        #expect(outcome.exit == .exited(0), "\(outcome.diagnostics)")
        #expect(outcome.document.hasPrefix("base  \(commits[1].prefix(12)) set value to 1\n1  "))
        #expect(outcome.document.contains("3 kernels, 3 comparisons: at most "))
        #expect(try repository.state() == before)
    }

    @Test(
        "wrong input is refused with the reason",
        arguments: [
            ("main..main smoke", "are the same commit"),
            ("main~3... smoke", "invalid range"),
            ("..main smoke", "invalid range"),
            ("main~3...main smoke", "invalid range"),
            ("nowhere smoke", "is not a file, a range of commits or a message-id"),
            ("'a b@example.org' smoke --base main", "is not a file"),
            ("--base main -- -x@example.org smoke", "is not a file"),
            ("--base main -- --outdir=x@example.org smoke", "is not a file"),
            ("1@example.org smoke", "mails need --base"),
            ("main~3..main smoke --base main", "--base is not supported with a range"),
            ("main~3..main smoke --until-decided", "--until-decided"),
            ("main~3..main smok", "did you mean smoke"),
            ("none.mbox smoke --base main", "none.mbox has no patch"),
        ])
    func wrongInput(words: String, message: String) throws {
        try scratch.file("none.mbox", "hello\n")
        let outcome = try run("--repo repo \(words)")
        #expect(outcome.exit == .exited(64), "\(outcome.diagnostics)")
        #expect(outcome.diagnostics.contains(message), "\(outcome.diagnostics)")
        #expect(try SystemFile.list(scratch.path) == ["none.mbox", "repo"])
    }

    @Test(
        "without a network, b4's own words are shown",
        .enabled(if: SystemFile.exists("/usr/bin/b4"), "b4 is not installed"))
    func noNetwork() throws {
        let outcome = try run("plumbline-no-such@example.invalid smoke --repo repo --base main")
        #expect(outcome.exit == .exited(1), "\(outcome.diagnostics)")
        #expect(outcome.diagnostics.contains("b4 am plumbline-no-such@example.invalid failed: "))
        // b4 may keep a cache of its own.
        #expect(try SystemFile.list(scratch.path).filter { $0 != "cache" } == ["repo"])
    }
}
