// SPDX-License-Identifier: GPL-3.0-or-later

/// What a command prints on standard output, in every format.
package protocol Report: Sendable {
    associatedtype Document: Encodable

    /// The report for people.
    var page: TextPage { get }
    /// The report for programs; its fields are those of a published schema.
    var document: Document { get }
    /// The cells as the tests of a regression run; none for a report without verdicts.
    var suites: [GateSuite] { get }
}

extension Report {
    /// No verdicts.
    package var suites: [GateSuite] { [] }
}
