// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import SchemaSupport
import Testing

@testable import Commands

/// The commands of the README, of all articles and of the help, each in one of these classes: the
/// real program runs it, with `--list`, `--dry-run` or stored journals where it would measure; the
/// real parser takes it; its make target exists; or it is a program of others.
@Suite("The commands of the documentation work", .serialized) struct DocumentationCommandTests {
    private let articles: [Article]
    private let files: DocumentedFiles
    private let recorder: ShellRecorder

    init() throws {
        articles = try Article.all()
        files = try DocumentedFiles(of: articles)
        recorder = try ShellRecorder(home: files.home)
    }

    private func calls(of command: DocumentedCommand) -> [ShellRecorder.Call] {
        do {
            let calls = try recorder.calls(of: command.text)
            if calls.isEmpty { Issue.record("\(command.place): no program in '\(command.text)'") }
            return calls
        } catch {
            Issue.record(
                "\(command.place): '\(command.text)': \(error) (allowed: ShellRecorder.others)"
            )
            return []
        }
    }

    /// - Parameter isDocument: whether only standard output is wanted.
    private func run(
        _ trial: DocumentedTrial, program: String = Built.plumbline, isDocument: Bool = false
    ) throws -> Command.Result {
        try files.prepare(for: trial.arguments)
        let path = trial.isAlone ? "/nowhere" : "\(files.slurm):/usr/sbin:/usr/bin:/sbin:/bin"
        let shell = isDocument ? ["/bin/sh", "-c", #"exec "$0" "$@" 2>/dev/null"#] : []
        return try Command.run(
            [
                "/usr/bin/env", "-i", "-C", files.directory, "HOME=\(files.home)", "PATH=\(path)",
            ] + shell + [program] + trial.arguments, outputLimit: 4 << 20)
    }

    private func parse(_ words: [String]) throws {
        do { _ = try Plumbline.parseAsRoot(DoctorCommand.spelledOut(words)) } catch {
            throw ShellRecorder.RecorderError(text: Plumbline.fullMessage(for: error))
        }
    }

    @Test("the program takes each command line, and does what it can without measuring")
    func commands() throws {
        let examples = try DumpedHelp(of: "plumbline").examples
        #expect(examples.count > 60)
        let groups = articles.map { (suites: $0.suites, commands: $0.commands) }
        var tried: Set<[String]> = []
        for (suites, commands) in groups + [(suites: [], commands: examples)] {
            // A suite of the article's own comes before one of the same name elsewhere.
            for (name, text) in suites { try files.file(name, text) }
            for command in commands {
                for call in calls(of: command) {
                    guard tried.insert([call.program] + call.words).inserted else { continue }
                    try prove(call, of: command)
                }
            }
        }
        #expect(tried.count > 100)
    }

    private func prove(_ call: ShellRecorder.Call, of command: DocumentedCommand) throws {
        switch call.program {
        case "plumbline": try prove(call.words, of: command)
        case "plumbline-agent":
            // One short slice of a small file.
            let result = try run(
                .init(arguments: call.words + ["--set", "size=1m", "--slice", "1ms"]),
                program: Built.agent)
            #expect(result.succeeded, "\(command.place): \(result.output)")
            #expect(throws: Never.self, "\(command.place): \(result.output)") {
                try LineCodec.decode(JSONValue.self, from: result.output.utf8)
            }
        case "make": try proveMake(call.words, of: command)
        case let program where ShellRecorder.ours.contains(program):
            try expectOptions(call.words, of: program, at: command.place)
        default: #expect(ShellRecorder.others.contains(call.program))
        }
    }

    private func prove(_ words: [String], of command: DocumentedCommand) throws {
        switch DocumentedTrial.kind(of: words, files) {
        case .parsed:
            do { try parse(words) } catch {
                Issue.record("\(command.place): '\(command.text)' is not accepted: \(error)")
            }
        case .unknown:
            Issue.record(
                "\(command.place): DocumentedTrial does not say how to try '\(command.text)'")
        case .tried(let trial):
            let result = try run(trial)
            guard case .exited(let code) = result.exit, trial.exits.contains(code) else {
                Issue.record(
                    "\(command.place): '\(command.text)' ended with \(result.exit):\n\(result.output)"
                )
                return
            }
            #expect(
                trial.isSilent || !result.output.isEmpty,
                "\(command.place): '\(command.text)' prints nothing")
        }
    }

    private func proveMake(_ words: [String], of command: DocumentedCommand) throws {
        let makefile = try SystemFile.read("\(Article.root)/Makefile")
        var target = ""
        for word in words {
            guard let sign = word.firstIndex(of: "=") else {
                target = word
                #expect(
                    makefile.contains("\n\(word): ") && makefile.contains(" \(word)"),
                    "\(command.place): no make target \(word)")
                continue
            }
            let name = word[..<sign]
            #expect(makefile.contains("$(\(name))"), "\(command.place): no variable \(name)")
            let options = word[word.index(after: sign)...].words
            if name == "ARGS", ["bench", "fuzz"].contains(target) {
                try expectOptions(options, of: "plumbline-\(target)", at: command.place)
            }
        }
    }

    private func expectOptions(_ words: [String], of program: String, at place: String) throws {
        let known = try DumpedHelp(of: program).options
        for word in words where word.hasPrefix("--") {
            let option = String(word.prefix { $0 != "=" })
            #expect(known.contains(option), "\(place): \(program) has no \(option)")
        }
    }

    @Test("what a command prints has the shape that the text shows")
    func outputs() throws {
        var printed: [[String]: String] = [:]
        for command in try Article.all().flatMap(\.commands) where !command.output.isEmpty {
            for call in calls(of: command) where call.program == "plumbline" {
                guard let trial = DocumentedTrial.shown(call.words, files) else {
                    Issue.record("\(command.place): DocumentedTrial does not say how to run it")
                    continue
                }
                if printed[call.words] == nil {
                    let result = try run(trial, isDocument: true)
                    guard case .exited(let code) = result.exit, trial.exits.contains(code) else {
                        Issue.record("\(command.place): \(result.exit): \(result.output)")
                        continue
                    }
                    printed[call.words] = result.output
                }
                guard !trial.isSilent else { continue }
                let real = printed[call.words] ?? ""
                for line in OutputShape.missing(of: command.output, in: real) {
                    Issue.record("\(command.place): no line like '\(line)' in\n\(real)")
                }
            }
        }
        #expect(printed.count > 1)
    }

    /// Options that are named by themselves and are those of other programs.
    private static let optionsOfOthers: Set<String> = [
        "--exclusive", "--output-format", "--stdout", "--thread", "--vm",
    ]

    @Test("commands and options within sentences exist")
    func spans() throws {
        let known = try ShellRecorder.ours.reduce(into: Self.optionsOfOthers) {
            $0.formUnion(try DumpedHelp(of: $1).options)
        }.union(["--help", "--version"])
        for span in articles.flatMap({ $0.spans() }) {
            if span.text.hasPrefix("--"), span.text != "--" {
                let option = String(span.text.prefix { $0 != " " && $0 != "=" })
                let isKnown = known.contains(option)
                #expect(isKnown, "\(span.place): no program has \(option)")
            }
            // `COMMAND` and `…` stand for anything.
            guard span.text.hasPrefix("plumbline ") || span.text.hasPrefix("make "),
                !span.text.hasPrefix("plumbline COMMAND"), !span.text.contains("…")
            else { continue }
            for call in calls(of: span) {
                if call.program == "make" { try proveMake(call.words, of: span) }
                guard call.program == "plumbline" else { continue }
                do { try parse(call.words) } catch {
                    // A sentence may name a command without what it needs.
                    let isIncomplete = "\(error)".contains(/Missing (expected argument|value for)/)
                    #expect(isIncomplete, "\(span.place): '\(span.text)': \(error)")
                }
            }
        }
    }
}
