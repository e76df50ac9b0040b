// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Protocol
import SchemaSupport

/// What a program of ours says of itself: its commands, its options, and the examples of its help.
struct DumpedHelp {
    /// The names of its commands that its help lists.
    private(set) var commands: [String] = []
    /// The long names of all options.
    private(set) var options: Set<String> = []
    /// The lines below `EXAMPLES`.
    private(set) var examples: [DocumentedCommand] = []

    /// Asks a program that was built.
    init(of program: String) throws {
        let path = Built.plumbline.dropLast("plumbline".count) + program
        let result = try Command.run(
            [String(path), "--experimental-dump-help"], outputLimit: 4 << 20)
        let document = try LineCodec.decode(JSONValue.self, from: result.output.utf8)
        guard let whole = document.at("command") else { return }
        for command in whole["subcommands"]?.items ?? []
        where command["shouldDisplay"] != .flag(false) {
            if let name = command["commandName"]?.text, name != "help" { commands.append(name) }
        }
        add(whole, named: program)
    }

    private mutating func add(_ command: JSONValue, named name: String) {
        for argument in command["arguments"]?.items ?? [] {
            for option in argument["names"]?.items ?? [] where option["kind"]?.text == "long" {
                options.insert("--" + (option["name"]?.text ?? ""))
            }
        }
        let discussion = command["discussion"]?.text ?? ""
        if let heading = discussion.firstRange(of: "EXAMPLES\n") {
            addExamples(discussion[heading.upperBound...], at: "\(name) --help")
        }
        for child in command["subcommands"]?.items ?? [] {
            add(child, named: "\(name) \(child["commandName"]?.text ?? "")")
        }
    }

    private mutating func addExamples(_ text: Substring, at place: String) {
        var open = ""
        for line in text.split(separator: "\n").map({ $0.trimmed }) where !line.isEmpty {
            if line.hasSuffix("\\") {
                open += line.dropLast()
            } else {
                examples.append(DocumentedCommand(place: place, text: open + line))
                open = ""
            }
        }
    }
}
