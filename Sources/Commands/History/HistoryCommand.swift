// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// `plumbline history`: experiments in a database.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Keep the verdicts of experiments, and see how they change over time.",
        discussion: """
            A history is one file of SQLite. It keeps what a journal's report says of each cell, \
            and not the slices. Keep the journals too.

            The file is that of --store, else of the variable PLUMBLINE_HISTORY, else \
            plumbline/history.sqlite in $XDG_DATA_HOME or ~/.local/share. Several processes may \
            use it at once.

            EXAMPLES
              plumbline history add nightly/*.jsonl
              plumbline history list --suite demo --limit 10
              plumbline history trend --cell 'pipe/*'
              plumbline history gate tonight.jsonl
            """,
        subcommands: [
            HistoryAddCommand.self, HistoryListCommand.self, HistoryShowCommand.self,
            HistoryTrendCommand.self, HistoryNoiseCommand.self, HistoryGateCommand.self,
            HistoryExportCommand.self, HistoryImportCommand.self,
        ])
}
