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

    /// A value that an option does not have, in a line with the nearest one and those that are
    /// allowed; nil for another message of the argument parser.
    static func invalidValue(_ message: String) -> PlumblineError? {
        let invalid = #/^The value '(.*)' is invalid for '([^ ']*).*Please provide one of/#
        guard let match = message.firstMatch(of: invalid) else { return nil }
        let list = message[match.range.upperBound...]
        let quoted = list.matches(of: #/'([^']*)'/#).map { String($0.1) }
        let items = list.matches(of: #/\n  - (.*)/#).map { String($0.1) }
        let allowed = quoted + items
        let near = Spelling.hint(for: String(match.1), among: allowed).map { "\($0) " } ?? ""
        return .usage(
            "invalid value '\(match.1)' for \(match.2) "
                + "(\(near)allowed: \(allowed.joined(separator: ", ")))")
    }
}
