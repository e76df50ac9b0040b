// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A command of an article, as a reader would type it.
struct DocumentedCommand {
    /// Its file and line.
    var place: String
    /// Its text, continued lines joined.
    var text: String
    /// What the article says that it prints; empty where it says nothing.
    var output: [String] = []
}

extension Article {
    /// The commands in the blocks of code: lines of `sh`, lines after `$ `, and what files of CI
    /// systems and systemd call.
    var commands: [DocumentedCommand] {
        blocks.flatMap { block in
            switch block.language {
            case "sh": shell(block)
            case "", "text": console(block)
            default: embedded(block)
            }
        }
    }

    private func shell(_ block: Block) -> [DocumentedCommand] {
        var commands: [DocumentedCommand] = []
        var open = ""
        for (offset, line) in lines(of: block) {
            let part = line.trimmed
            if open.isEmpty, part.isEmpty || part.hasPrefix("#") { continue }
            if part.hasSuffix("\\") {
                open += part.dropLast()
                continue
            }
            commands.append(.init(place: "\(path):\(block.line + offset)", text: open + part))
            open = ""
        }
        return commands
    }

    private func console(_ block: Block) -> [DocumentedCommand] {
        var commands: [DocumentedCommand] = []
        for (offset, line) in lines(of: block) {
            if line.hasPrefix("$ ") {
                commands.append(
                    .init(place: "\(path):\(block.line + offset)", text: String(line.dropFirst(2))))
            } else if let last = commands.indices.last {
                if commands[last].text.hasSuffix("\\"), commands[last].output.isEmpty {
                    commands[last].text = commands[last].text.dropLast() + line.trimmed
                } else {
                    commands[last].output.append(line)
                }
            }
        }
        return commands
    }

    private func embedded(_ block: Block) -> [DocumentedCommand] {
        lines(of: block).compactMap { offset, line in
            guard !line.trimmed.hasPrefix("#"),
                let match = line.firstMatch(of: /(?:^|[ =]|\/usr\/bin\/)(plumbline .*)$/)
            else { return nil }
            return .init(place: "\(path):\(block.line + offset)", text: String(match.1))
        }
    }

    private func lines(of block: Block) -> EnumeratedSequence<[String]> {
        block.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            .enumerated()
    }
}
