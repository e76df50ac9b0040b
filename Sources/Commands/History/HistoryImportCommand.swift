// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import History

/// `plumbline history import`.
public struct HistoryImportCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Add the experiments of an export.",
        discussion: """
            Experiments that are there already are left as they are. All others are added, or \
            none of them.

            Exit codes: 0, 1 the history or the file cannot be used, 64 usage error.

            EXAMPLES
              plumbline history import history.jsonl
              ssh testbox plumbline history export | plumbline history import /dev/stdin
            """)

    /// The export.
    @Argument(help: ArgumentHelp("What `history export` wrote.", valueName: "file"))
    public var file: String?
    /// The history.
    @OptionGroup public var place: HistoryStoreOption

    /// Made by the argument parser.
    public init() {}

    /// Adds.
    public func run(on console: Console) throws -> Int32 {
        guard let file else {
            throw PlumblineError.usage(
                "history import: missing a file",
                remedy: "see `plumbline history import --help`")
        }
        let entries = try HistoryStore.entries(in: file)
        let additions = try place.open(for: .adding, on: console).add(entries)
        console.document("\(HistoryStore.Addition.text(additions))\n")
        return 0
    }
}
