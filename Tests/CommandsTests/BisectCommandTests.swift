// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import SchemaSupport
import TestSupport
import Testing

@testable import Commands

/// `plumbline bisect` and its steps as a user starts them, with the real `git bisect run`. The
/// journals of all comparisons are there beforehand: no kernel is built, booted or measured.
@Suite("plumbline bisect", .serialized) struct BisectCommandTests {
    private let scratch: Scratch
    private let repository: SmallRepository
    private var journals: String { "\(scratch.path)/journals" }

    init() throws {
        scratch = try Scratch()
        repository = try SmallRepository(in: scratch, commits: 10)
    }

    private var commits: [String] { repository.commits }

    private func journal(_ number: Int) -> String {
        "\(journals)/\(commits[0].prefix(12))-\(commits[number].prefix(12)).jsonl"
    }

    /// Writes what each commit shows against the first one.
    private func prepare(
        noise: (Int) -> Double = { _ in 0.004 }, _ effect: (Int) -> Double?
    ) throws {
        try SystemFile.makeDirectories(journals, mode: 0o755)
        for number in 1..<commits.count {
            guard let effect = effect(number) else { continue }
            let margin = number == commits.count - 1 ? 0.02 : 0.05
            try FinishedComparison(effect: effect, equivalence: margin, noise: noise(number))
                .write(to: journal(number))
        }
    }

    private var cache: String { "XDG_CACHE_HOME='\(scratch.path)/cache'" }

    private func run(_ words: String) throws -> BuiltProgram.Outcome {
        try BuiltProgram.run(words, in: scratch.path, environment: cache)
    }

    private static let cell = "--cells 'pipe/1w1r/4KiB/*none'"
    private var bisect: String {
        "bisect smoke --repo repo --good \(commits[0]) --bad main \(Self.cell) --output journals"
    }

    @Test(
        "it names the first commit with the effect, be it slower or faster",
        arguments: [(0.9, 1), (0.9, 4), (1.2, 9)])
    func finds(effect: Double, culprit: Int) throws {
        try prepare { $0 < culprit ? 1 : effect }
        try repository.write("changed by the user\n", to: "value")
        let before = try repository.state()
        let outcome = try run(bisect)
        #expect(outcome.exit == .exited(0), "\(outcome.diagnostics)")
        #expect(outcome.document.contains("set value to \(culprit)\n  \(commits[culprit])\n"))
        #expect(outcome.diagnostics.contains("Bisecting: "))
        #expect(try repository.state() == before)
        // The same command finds it again.
        let again = try run("\(bisect) --format json --quiet")
        #expect(again.exit == .exited(0), "\(again.diagnostics)")
        #expect(again.diagnostics == "")
        let json = try LineCodec.decode(JSONValue.self, from: again.document.utf8)
        let schema = try run("bisect --schema").document
        #expect(try SchemaValidator(schema).problems(json) == [])
        #expect(json.at("first_bad.hash") == .text(commits[culprit]))
    }

    @Test("a commit whose effect is not decided is skipped, and candidates are left")
    func undecided() throws {
        let isNoisy = { [4, 5, 6].contains($0) }
        try prepare(noise: { isNoisy($0) ? 0.6 : 0.004 }) { $0 < 4 ? 1 : isNoisy($0) ? 0.97 : 0.9 }
        let outcome = try run(bisect)
        #expect(outcome.exit == .exited(4), "\(outcome.diagnostics)")
        #expect(outcome.document.contains("skipped: not decided after 8 rounds of boots"))
        for number in 4...7 { #expect(outcome.document.contains("set value to \(number)\n")) }
    }

    @Test("a commit that cannot be built is skipped with the reason")
    func doesNotBuild() throws {
        // Those without a journal are to be built, and are no kernel.
        try prepare { [4, 5].contains($0) ? nil : $0 < 5 ? 1 : 0.9 }
        let outcome = try run("\(bisect) --agent /bin/true")
        #expect(outcome.exit == .exited(4), "\(outcome.diagnostics)")
        #expect(outcome.document.contains("The first bad commit is one of these:"))
        #expect(outcome.document.words.joined(separator: " ").contains("is not a kernel source"))
        for number in [4, 5, 6] { #expect(outcome.document.contains("set value to \(number)\n")) }
    }

    @Test("two commits that do not differ are not bisected", arguments: [1.0, 1.001])
    func noDifference(effect: Double) throws {
        try prepare { _ in effect }
        let outcome = try run(bisect)
        #expect(outcome.exit == .exited(4))
        #expect(outcome.diagnostics.contains("nothing to bisect"))
        #expect(!outcome.diagnostics.contains("Bisecting"))
    }

    @Test("an output directory of another command is refused")
    func otherCommand() throws {
        try prepare { _ in 0.9 }
        #expect(try run(bisect).exit == .exited(0))
        let other = try run("\(bisect) --rounds 9")
        #expect(other.exit == .exited(64))
        #expect(other.diagnostics.contains("holds another experiment, which was started with"))
        let moved = try run(
            bisect.replacing("--bad main", with: "--bad \(commits[8])"))
        #expect(moved.exit == .exited(64))
    }

    @Test("Ctrl-C in a step ends it with 130 and leaves no worktree, and the command goes on")
    func interrupted() throws {
        let lock = try holdSources()
        defer { _ = lock.rawValue }
        let before = try repository.state()
        let child = try startUntilCommit4()
        try child.kill(ChildProcess.interruptSignal)
        let exit = try child.wait()
        let words = try SystemFile.read(errors)
        #expect(exit == .exited(130), "\(words)")
        #expect(try repository.state() == before)
        try finish(before)
    }

    @Test("SIGKILL ends the step, too, and the command goes on without what was left")
    func killed() throws {
        let lock = try holdSources()
        defer { _ = lock.rawValue }
        let before = try repository.state()
        let child = try startUntilCommit4()
        try child.kill()
        _ = try child.wait()
        let trees = try repository.git("worktree", "list", "--porcelain").split(separator: "\n")
            .filter { $0.hasPrefix("worktree ") && $0.hasSuffix("/plumbline") }
        let tree = try #require(trees.first)
        let directory = String(tree.dropFirst("worktree ".count).dropLast("/plumbline".count))
        // The path of the settings is in the command lines of git and of the step.
        try eventually("git and the step have ended") {
            try !SystemFile.list("/proc").contains { process in
                Int(process) != nil
                    && (try? SystemFile.read("/proc/\(process)/cmdline"))?
                        .contains("\(directory)/step.json") == true
            }
        }
        #expect(SystemFile.exists(directory))
        try finish(before)
        #expect(!SystemFile.exists(directory))
    }

    private var errors: String { "\(scratch.path)/errors" }

    /// Holds the lock of the sources of kernels: a build waits.
    private func holdSources() throws -> Descriptor {
        let sources = "\(scratch.path)/cache/plumbline/sources"
        try SystemFile.makeDirectories(sources, mode: 0o755)
        let lock = try Descriptor.open("\(sources)/.lock", [.write, .create])
        try lock.lockExclusively()
        return lock
    }

    /// Starts a bisection, and waits for the step that is to build commit 4.
    private func startUntilCommit4() throws -> ChildProcess {
        try prepare { $0 == 4 ? nil : $0 < 4 ? 1 : 0.9 }
        let output = try Descriptor.open(errors, [.write, .create])
        let child = try Command.spawn(
            [
                "sh", "-c",
                "cd '\(scratch.path)' && exec env \(cache) '\(BuiltProgram.path)' \(bisect) "
                    + "--agent /bin/true",
            ], output: output)
        try eventually("the step waits") {
            try SystemFile.read(errors).contains("waiting for another")
        }
        return child
    }

    /// Runs the same command to its end, with a journal of commit 4.
    private func finish(_ before: [String]) throws {
        try FinishedComparison(effect: 0.9, equivalence: 0.05).write(to: journal(4))
        let outcome = try run("\(bisect) --agent /bin/true")
        #expect(outcome.exit == .exited(0), "\(outcome.diagnostics)")
        #expect(outcome.document.contains("\n  \(commits[4])\n"))
        #expect(try repository.state() == before)
    }

    @Test("journals of another content of the suite or the configuration are refused")
    func changedFiles() throws {
        try prepare { _ in 1 }
        func suite(warmup: String) -> String {
            "suite: mine\nslice: 20ms\nguard: 1ms\nwarmup: \(warmup)\nslices: 3\ncells:\n"
                + "  - {workload: pipe, msgsize: 4k, pressure: none}\n"
        }
        try scratch.file("mine.yaml", suite(warmup: "1ms"))
        try scratch.file("my.config", "CONFIG_SMP=y\n")
        let words = bisect.replacing("smoke", with: "./mine.yaml") + " --config my.config"
        // 4: the two commits do not differ.
        for _ in 0..<2 {
            let outcome = try run(words)
            #expect(outcome.exit == .exited(4), "\(outcome.diagnostics)")
        }
        let message = "holds journals of another content of the suite or of --config"
        try scratch.file("mine.yaml", suite(warmup: "2ms"))
        let other = try run(words)
        #expect(other.exit == .exited(64))
        #expect(other.diagnostics.contains(message), "\(other.diagnostics)")
        try scratch.file("mine.yaml", "# a remark\n" + suite(warmup: "1ms"))
        #expect(try run(words).exit == .exited(4))
        try scratch.file("my.config", "CONFIG_SMP=n\n")
        let changed = try run(words)
        #expect(changed.exit == .exited(64))
        #expect(changed.diagnostics.contains(message), "\(changed.diagnostics)")
    }

    @Test(
        "wrong input is refused with the reason",
        arguments: [
            ("--good main --bad main", "--good and --bad are the same commit"),
            ("--good main --bad main~3", "is not an ancestor of --bad"),
            ("--good=-x --bad main", "invalid value '-x' for --good"),
            ("--good main~3 --bad=--upload-pack=x", "invalid value '--upload-pack=x' for --bad"),
            ("--good nowhere --bad main", "--good nowhere: no such commit"),
            ("--good main~3 --bad main --repo /", "--repo / is not a git repository"),
            ("--good main~3 --bad main --resume", "run the same command again"),
            ("--good main~3 --bad main --rounds 2", "--rounds"),
            ("--good main~3 --bad main --max-budget 1s", "--max-budget"),
            ("--bad main", "--good"),
        ])
    func wrongInput(words: String, message: String) throws {
        let place = words.contains("--repo") ? "" : "--repo repo"
        let outcome = try run("bisect smoke \(place) \(Self.cell) \(words)")
        #expect(outcome.exit == .exited(64), "\(outcome.diagnostics)")
        #expect(outcome.diagnostics.contains(message), "\(outcome.diagnostics)")
        #expect(try SystemFile.list(scratch.path) == ["repo"])
    }

    @Test("more than one cell is refused, with names to choose from")
    func severalCells() throws {
        let outcome = try run("bisect smoke --repo repo --good main~3 --bad main")
        #expect(outcome.exit == .exited(64))
        #expect(outcome.diagnostics.contains("bisect needs one cell"))
    }

    @Test("what would be done is listed, and nothing is made")
    func listed() throws {
        let outcome = try run("\(bisect) --list")
        #expect(outcome.exit == .exited(0), "\(outcome.diagnostics)")
        #expect(outcome.document.contains("B: \(commits[9].prefix(12)) set value to 9"))
        #expect(outcome.document.contains("9 commits, about 4 steps"))
        #expect(try SystemFile.list(scratch.path) == ["repo"])
    }

    @Test("a step without its settings is no answer to git")
    func noSettings() throws {
        #expect(try run("bisect-step /no/such/file").exit == .exited(128))
        #expect(try !run("--help").document.contains("bisect-step"))
    }
}
