// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Reports

/// `plumbline history export`.
public struct HistoryExportCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write all experiments to standard output, one a line.",
        discussion: """
            A line is a JSON object with the schema plumbline.history/1, which --schema prints. \
            `history import` reads it.

            Exit codes: 0, 1 the history cannot be used or written, 64 usage error, also for a \
            history that does not exist.

            EXAMPLES
              plumbline history export >history.jsonl
              plumbline history export --schema
            """)

    /// The history.
    @OptionGroup public var place: HistoryStoreOption
    /// Whether to print the lines' schema only.
    @Flag(help: "Print the JSON Schema of a line, and exit.") public var schema = false

    /// Made by the argument parser.
    public init() {}

    /// Writes.
    public func run(on console: Console) throws -> Int32 {
        if schema {
            console.document(ReportFormat.historySchemaText)
            return 0
        }
        try place.open(for: .reading, on: console).forEach { entry in
            console.document(String(decoding: try entry.line(), as: UTF8.self))
            return console.documentFailure() == nil
        }
        return 0
    }
}
