// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Reports

/// Which cells of journals are shown, and how a table of several is laid out.
public struct ArrangementOptions: ParsableArguments {
    /// Which cells are shown.
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Show the cells that all these terms fit; repeatable.",
            discussion: "Terms: KEY:VALUE, -KEY:VALUE for all others, KEY:VALUE,VALUE for either. "
                + "Keys: \(ResultKey.allCases.map(\.rawValue).joined(separator: ", ")). "
                + "In a value * and ? are wildcards.", valueName: "terms"), completion: .filterTerms
    )
    public var filter: [String] = []
    /// What makes a row.
    @Option(
        help: ArgumentHelp(
            "What makes a row of the table: a list of keys. Default: cell.", valueName: "keys"),
        completion: .rowKeys)
    public var row: String?
    /// What makes a column.
    @Option(
        help: ArgumentHelp(
            "What makes a column: a list of keys, or none. Default: journal.", valueName: "keys"),
        completion: .columnKeys)
    public var col: String?

    /// Made by the argument parser.
    public init() {}

    /// Whether a table is asked for, of one journal too.
    var isGiven: Bool { row != nil || col != nil }

    /// The filter.
    ///
    /// - Throws: `usage` for terms that cannot be read.
    func cells() throws(PlumblineError) -> ResultFilter { try ResultFilter(filter) }

    /// Lays journals out.
    ///
    /// - Throws: `usage` for keys that cannot be read, and for a format that is no table.
    func overview(
        of results: [(name: String, result: JournalResult)], as format: ReportFormat
    ) throws(PlumblineError) -> VerdictOverview {
        guard !isGiven || format.name == ReportFormat.text.name else {
            throw .usage(
                "--row and --col are not supported with --format \(format.name)",
                remedy: "leave them out, or use --format text")
        }
        return VerdictOverview(
            results,
            rows: try row.map { (text) throws(PlumblineError) in
                try ResultKey.list(text, option: "--row")
            },
            columns: try col.map { (text) throws(PlumblineError) in
                try ResultKey.list(text, option: "--col")
            })
    }
}
