// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics

extension Plumbline {
    /// Refuses an unknown subcommand, with the nearest one.
    ///
    /// - Throws: `usage`.
    static func checkCommand(_ arguments: [String]) throws(PlumblineError) {
        var command: any ParsableCommand.Type = Plumbline.self
        for word in arguments {
            let known = command.configuration.subcommands
            if known.isEmpty || word.isLikeOption || word == "help" { return }
            guard let next = known.first(where: { $0.configuration.commandName == word }) else {
                let shown = known.map { $0.configuration }.filter { $0.shouldDisplay }
                let owner = command == Plumbline.self ? nil : command.configuration.commandName
                throw .unknown(
                    "command", word, for: owner, among: shown.compactMap { $0.commandName })
            }
            command = next
        }
    }

    /// The nearest value, for a message of the argument parser that lists those of an option; nil
    /// for another message.
    static func hint(for message: String) -> String? {
        let invalid = #/^The value '(.*)' is invalid for .* Please provide one of/#
        guard let match = message.firstMatch(of: invalid) else { return nil }
        let list = message[match.range.upperBound...]
        let quoted = list.matches(of: #/'([^']*)'/#).map { String($0.1) }
        let items = list.matches(of: #/\n  - (.*)/#).map { String($0.1) }
        return Spelling.hint(for: String(match.1), among: quoted + items)
    }
}
