// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Suites
import Yams

extension SuiteDocument {
    /// A command: a list of words, or a mapping with the list as `run` and the place as `where`.
    ///
    /// - Parameter place: where a plain list runs.
    func command(
        _ node: Node, _ name: String, on place: BootCommand.Place
    ) throws(PlumblineError) -> BootCommand {
        guard let mapping = node.mapping else {
            return BootCommand(try words(node, name), on: place)
        }
        var command = BootCommand([], on: place)
        for (_, key, value) in try entries(
            of: mapping, known: ["run", "where"], what: "key", owner: name)
        {
            if key == "run" { command.words = try words(value, name) }
            if key == "where" { command.place = try choice(value, key) }
        }
        guard !command.words.isEmpty else {
            throw .usage(
                "\(position(node)): \(name) has no run",
                remedy: "write \(name): {run: [PROGRAM, ARGUMENT, …], where: here}")
        }
        return command
    }

    private func words(_ node: Node, _ name: String) throws(PlumblineError) -> [String] {
        guard let sequence = node.sequence, !sequence.isEmpty else {
            throw .usage(
                "\(position(node)): \(name) must be a list of words",
                remedy: "write \(name): [PROGRAM, ARGUMENT, …]; there is no shell, so write "
                    + "[sh, -c, \"…\"] where you need one")
        }
        var words: [String] = []
        for item in sequence {
            let word = try word(item, "a word of \(name)")
            try check(word, of: name, at: item)
            words.append(word)
        }
        guard !words[0].isLikeOption else {
            throw .usage("\(position(node)): the program of \(name) begins with '-'")
        }
        return words
    }

    /// Refuses a placeholder inside a word: a name never becomes a part of an option or a script.
    private func check(
        _ word: String, of name: String, at node: Node
    ) throws(PlumblineError) {
        guard word != BootCommand.placeholder, word.contains(BootCommand.placeholder) else {
            return
        }
        throw .usage(
            "\(position(node)): \(BootCommand.placeholder) in \(name) must be a word of its own",
            remedy: "for a script of a shell, write [sh, -c, \"… \\\"$1\\\" …\", sh, "
                + "\"\(BootCommand.placeholder)\"]")
    }
}
