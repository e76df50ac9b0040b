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
            Each experiment is added as `history add` adds a journal: one that is there already \
            is left as it is, unless the export has a longer version of it, or one that a newer \
            version of plumbline judged. All are added, or none. Standard output says how many \
            became what.

            Exit codes: 0, 1 the history or the file cannot be used, 64 usage error, also for a \
            file that does not exist.

            EXAMPLES
              plumbline history import history.jsonl
              ssh testbox plumbline history export | plumbline history import /dev/stdin
            """)

    /// The export.
    @Argument(
        help: ArgumentHelp("What `history export` wrote.", valueName: "file"),
        completion: .journals)
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
