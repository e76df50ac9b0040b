// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing
import Yams

@testable import Commands

/// The recipes of the article on regression runs are run as they stand there, by the real program
/// over stored journals, and end as the article says.
@Suite("The recipes for CI systems work", .serialized) struct GateRecipeTests {
    private typealias Mapping = [String: Any]

    /// A candidate whose gate ends with this code, against the baseline.
    private enum Candidate: Int32, CaseIterable {
        case equal = 0
        case slower = 3
        case open = 4
        case short = 5

        func journal() -> GateJournal {
            var journal = GateJournal(kernels: ("next", "next"), seed: 2)
            switch self {
            case .equal: break
            case .slower: journal.level = 0.9
            case .open: journal.noise = 0.5
            case .short: journal.rounds = 3
            }
            return journal
        }
    }

    /// What a recipe's shell commands did.
    private struct Run {
        var code: Int32
        var document: String
        /// The results that were written, by the name of their file.
        var files: [String: String]
    }

    /// Runs a recipe's shell commands once for each candidate, each in a fresh directory.
    private func run(_ script: String) throws -> [Candidate: Run] {
        var runs: [Candidate: Run] = [:]
        for candidate in Candidate.allCases {
            try BuiltProgram.inDirectory { directory in
                try GateJournal().write(to: "\(directory)/base.jsonl")
                try candidate.journal().write(to: "\(directory)/next.jsonl")
                try Descriptor.open("\(directory)/recipe", [.write, .create]).writeAll(script)
                let programs = BuiltProgram.path.prefix(
                    upTo: BuiltProgram.path.lastIndex(of: "/") ?? BuiltProgram.path.startIndex)
                let result = try Command.run([
                    "env", "-C", directory, "PATH=\(programs):/usr/bin:/bin",
                    "BASELINE=\(directory)/base.jsonl", "CANDIDATE=\(directory)/next.jsonl",
                    "TMT_TEST_DATA=\(directory)", "bash", "-e", "recipe",
                ])
                guard case .exited(let code) = result.exit else {
                    Issue.record("\(result.exit)")
                    return
                }
                var files: [String: String] = [:]
                for name in ["gate.xml", "gate.ktap", "results.yaml"] {
                    files[name] = try? SystemFile.read("\(directory)/\(name)")
                }
                runs[candidate] = Run(code: code, document: result.output, files: files)
            }
        }
        return runs
    }

    private func expect(_ runs: [Candidate: Run], _ codes: [Candidate: Int32]) {
        #expect(runs.mapValues(\.code) == codes)
    }

    private let plain: [Candidate: Int32] = [.equal: 0, .slower: 3, .open: 4, .short: 5]

    @Test("GitLab: the job's exit code is the gate's, 4 is allowed, and the report is an artifact")
    func gitlab() throws {
        let text = try #require(try Article("Gates").texts("GitLab", "yaml").first)
        let job = try #require((try Yams.load(yaml: text) as? Mapping)?["gate"] as? Mapping)
        let script = try #require(job["script"] as? [String])
        let runs = try run(script.joined(separator: "\n"))
        expect(runs, plain)
        #expect((job["allow_failure"] as? Mapping)?["exit_codes"] as? Int == 4)
        let artifacts = try #require(job["artifacts"] as? Mapping)
        #expect(artifacts["when"] as? String == "always")
        let report = try #require((artifacts["reports"] as? Mapping)?["junit"] as? String)
        #expect(runs[.slower]?.files[report]?.contains("<failure ") == true)
        #expect(runs[.open]?.files[report]?.contains("<skipped ") == true)
        #expect(runs[.short]?.files[report]?.contains("<error ") == true)
    }

    @Test("GitHub: 4 is a warning, 3 and 5 fail the step, and the results are kept")
    func github() throws {
        let text = try #require(try Article("Gates").texts("GitHub", "yaml").first)
        let flow = try #require(try Yams.load(yaml: text) as? Mapping)
        let job = try #require((flow["jobs"] as? Mapping)?["gate"] as? Mapping)
        let steps = try #require(job["steps"] as? [Mapping])
        let script = try #require(steps.compactMap { $0["run"] as? String }.first)
        let runs = try run(script)
        expect(runs, [.equal: 0, .slower: 3, .open: 0, .short: 5])
        #expect(runs[.open]?.document.contains("::warning::") == true)
        #expect(runs[.equal]?.document.contains("::warning::") == false)
        #expect(steps.last?["if"] as? String == "always()")
        #expect(runs[.slower]?.files["gate.xml"] != nil)
    }

    @Test("Jenkins: the shell's exit code is the gate's, 4 is unstable, and JUnit's file is read")
    func jenkins() throws {
        let text = try #require(try Article("Gates").texts("Jenkins", "groovy").first)
        let script = try #require(text.firstMatch(of: /script: '''([^']+)'''/)).1
        let runs = try run(String(script))
        expect(runs, plain)
        #expect(text.contains("if (code == 4) {\n                        unstable("))
        #expect(text.contains("} else if (code != 0) {\n                        error("))
        let file = try #require(text.firstMatch(of: /junit testResults: '([^']+)'/)).1
        #expect(runs[.slower]?.files[String(file)]?.contains("<failure ") == true)
        #expect(
            text.filter { $0 == "{" }.count == text.filter { $0 == "}" }.count)
    }

    @Test("LAVA: verdicts are in the signals, and only what is not one ends the run")
    func lava() throws {
        let text = try #require(try Article("Gates").texts("LAVA", "yaml").first)
        let definition = try #require(try Yams.load(yaml: text) as? Mapping)
        let metadata = try #require(definition["metadata"] as? Mapping)
        #expect(metadata["format"] as? String == "Lava-Test Test Definition 1.0")
        #expect(metadata["name"] is String && metadata["description"] is String)
        let steps = try #require((definition["run"] as? Mapping)?["steps"] as? [String])
        let runs = try run(steps.joined(separator: "\n"))
        expect(runs, [.equal: 0, .slower: 0, .open: 0, .short: 5])
        let signal = "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=pipe_1w1r_64KiB_none RESULT="
        for (candidate, word) in [
            (Candidate.equal, "pass"), (.slower, "fail"), (.open, "skip"), (.short, "fail"),
        ] {
            #expect(
                runs[candidate]?.document.contains("\n\(signal)\(word) UNITS=percent ") == true,
                "\(candidate)")
        }
    }

    @Test("tmt: the plan and the test are fmf, and the results are in the file that tmt reads")
    func tmt() throws {
        let texts = try Article("Gates").texts("tmt", "yaml")
        try #require(texts.count == 2)
        let plan = try #require(try Yams.load(yaml: texts[0]) as? Mapping)
        #expect((plan["discover"] as? Mapping)?["how"] as? String == "fmf")
        #expect((plan["execute"] as? Mapping)?["how"] as? String == "tmt")
        let test = try #require(try Yams.load(yaml: texts[1]) as? Mapping)
        #expect(test["result"] as? String == "custom")
        let runs = try run(try #require(test["test"] as? String))
        expect(runs, plain)
        for (candidate, word) in [
            (Candidate.equal, "pass"), (.slower, "fail"), (.open, "warn"), (.short, "error"),
        ] {
            let file = try #require(runs[candidate]?.files["results.yaml"])
            let results = try #require(try Yams.load(yaml: file) as? [Mapping])
            #expect(results.map { $0["result"] as? String } == [word])
        }
    }

    @Test("systemd: the service's command is a gate, and 4 does not fail the unit")
    func systemdCommand() throws {
        let service = try #require(try Article("Gates").texts("systemd", "ini").first)
        let command = try #require(
            service.firstMatch(of: /ExecStart=\/usr\/bin\/(plumbline .*)/)
        ).1
        let runs = try run(String(command))
        expect(runs, plain)
        #expect(runs[.open]?.files["gate.ktap"]?.contains("\nok 1 ") == true)
        #expect(service.contains("\nSuccessExitStatus=4\n"))
    }
}
