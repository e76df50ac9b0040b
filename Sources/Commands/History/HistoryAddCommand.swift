// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import History
import Journal
import Verdicts

/// `plumbline history add`.
public struct HistoryAddCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add the verdicts of journals.",
        discussion: """
            Each journal holds two arms: it was written by `ab` or `toggle`. One that is there \
            already is left as it is. One that was resumed since takes the place of its earlier \
            entry. All journals are added, or none.

            Standard output has a line for each journal, and its three fields are separated by \
            tabs: what became of it, its id, and its file. added: it is new. replaced: its \
            earlier entry was shorter, or judged by an older version. unchanged: it is there \
            already. older: the history has a longer version of the journal. judged-by-older: a \
            newer version judged the entry. The last two leave the entry as it is.

            Exit codes: 0, 1 the history or a journal cannot be used, 64 usage error, also for a \
            journal that does not exist.

            EXAMPLES
              plumbline history add ab.jsonl
              plumbline history add nightly/*.jsonl --store team.sqlite
            """)

    /// The journals.
    @Argument(help: "Journals.", completion: .journals) public var journals: [String] = []
    /// The history.
    @OptionGroup public var place: HistoryStoreOption

    /// Made by the argument parser.
    public init() {}

    /// Adds.
    public func run(on console: Console) throws -> Int32 {
        guard !journals.isEmpty else {
            throw PlumblineError.usage(
                "history add: missing a journal", remedy: "see `plumbline history add --help`")
        }
        let entries = try journals.map { try HistoryEntry(StoredJournal(readingFrom: $0)) }
        let additions = try place.open(for: .adding, on: console).add(entries)
        for ((addition, entry), journal) in zip(zip(additions, entries), journals) {
            let fields = [addition.rawValue, entry.experiment.id.printable, journal.printable]
            console.document(fields.joined(separator: "\t") + "\n")
        }
        return 0
    }
}
