// SPDX-License-Identifier: GPL-3.0-or-later

import Verdicts

/// What a command prints on standard output, in every format.
package protocol Report: Sendable {
    associatedtype Document: Encodable

    /// The report for people.
    var page: TextPage { get }
    /// The report for a browser where it is more than `page`.
    var htmlPage: HTMLPage? { get }
    /// The report for programs; its fields are those of a published schema.
    var document: Document { get }
    /// The cells as the tests of a regression run; none for a report without verdicts.
    var suites: [GateSuite] { get }
    /// The cells as rows of a table for programs; none for a report that is not about cells.
    var rows: [ReportRow] { get }
    /// The journals' verdicts, in the order in which they are shown; none for a report without them.
    var verdicts: [VerdictReport] { get }
    /// The names of journals that have one arm, and no verdict, beside those that have.
    var runs: [String] { get }
}

extension Report {
    /// Headings and tables of `page`.
    package var htmlPage: HTMLPage? { nil }
    /// No verdicts.
    package var suites: [GateSuite] { [] }
    /// No cells.
    package var rows: [ReportRow] { [] }
    /// No verdicts.
    package var verdicts: [VerdictReport] { [] }
    /// No journals beside others.
    package var runs: [String] { [] }
}
