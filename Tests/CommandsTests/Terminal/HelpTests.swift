// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import LabSupport
import Linux
import Testing

@testable import Commands

@Suite("Help texts") struct HelpTests {
    private typealias Command = (path: [String], type: any ParsableCommand.Type)

    /// Every command that the help shows, with its words behind `plumbline`.
    private static func commands(
        _ type: any ParsableCommand.Type = Plumbline.self, path: [String] = []
    ) -> [Command] {
        let shown = type.configuration.subcommands.filter { $0.configuration.shouldDisplay }
        return [(path: path, type: type)]
            + shown.flatMap { commands($0, path: path + [$0.configuration.commandName ?? ""]) }
    }

    /// The command lines below `EXAMPLES`; a `\` at the end of a line joins it with the next.
    private static func examples(in text: String) -> [String] {
        guard let heading = text.range(of: "EXAMPLES\n") else { return [] }
        return text[heading.upperBound...].replacing("\\\n", with: " ")
            .split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("  plumbline") || $0.hasPrefix("  sudo plumbline") }
    }

    /// The words of a shell's line behind `plumbline`, up to a pipe or a redirection.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        loop: for character in line + " " {
            switch character {
            case _ where character == quote: quote = nil
            case _ where quote != nil: word = (word ?? "") + String(character)
            case "'", "\"": (quote, word) = (character, word ?? "")
            case " ":
                if let word { words.append(word) }
                word = nil
            case "|", ">", "&": break loop
            default: word = (word ?? "") + String(character)
            }
        }
        if words.first == "sudo" { words.removeFirst() }
        return Array(words.dropFirst())
    }

    private static func check(_ words: [String]) throws {
        try Plumbline.checkCommand(words)
        let parsed = try Plumbline.parseAsRoot(DoctorCommand.spelledOut(words))
        #expect(parsed is any ConsoleCommand, "\(words)")
        if let submit = parsed as? FleetSubmitCommand { try FleetExperiment.check(submit.command) }
    }

    @Test("each command's help has examples of it, and each of them is a command line that parses")
    func examplesParse() throws {
        let commands = Self.commands()
        #expect(commands.count > 20)
        for command in commands {
            let examples = Self.examples(in: command.type.configuration.discussion)
            #expect(!examples.isEmpty, "\(command.path) has no EXAMPLES")
            for example in examples {
                let words = Self.words(example)
                #expect(words.starts(with: command.path), "\(example)")
                #expect(throws: Never.self, "\(example)") { try Self.check(words) }
            }
        }
    }

    @Test("no line of a help is longer than 80 columns, and no example is broken")
    func widths() {
        for command in Self.commands() {
            let help = Plumbline.helpMessage(for: command.type, includeHidden: false, columns: 80)
            for line in help.split(separator: "\n") where line.count > 80 {
                Issue.record("\(command.path): \(line)")
            }
            let discussion = command.type.configuration.discussion
            guard let heading = discussion.range(of: "EXAMPLES\n") else { continue }
            for example in discussion[heading.upperBound...].split(separator: "\n") {
                #expect(help.contains("\(example)\n"), "\(command.path)")
            }
        }
    }

    @Test("plumbline alone prints a guide with three examples that parse, and exits with 0")
    func guide() async throws {
        let outcome = await Invocation([])
        #expect(outcome.code == 0)
        #expect(outcome.diagnostics.isEmpty)
        let examples = Self.examples(in: outcome.document)
        #expect(examples.count == 3)
        for example in examples { try Self.check(Self.words(example)) }
        let lines = outcome.document.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count < 24 && lines.allSatisfy { $0.count < 73 })
        #expect(await Invocation(["--help"]).document.count > 2 * outcome.document.count)
    }

    @Test("a shell's words are parted as a shell does")
    func quoting() {
        #expect(
            Self.words("  sudo plumbline a --cells 'b c/*' \"\" d=' e'f | grep x")
                == ["a", "--cells", "b c/*", "", "d= ef"])
    }

    @Test("the agent's help has examples")
    func agent() throws {
        let result = try Linux.Command.run([Built.agent, "--help"])
        #expect(result.output.contains("EXAMPLES\n  plumbline-agent --cell pipe"))
    }
}
