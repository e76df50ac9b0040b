// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// A cell as one test of a regression run.
package struct GateCase: Sendable {
    /// What a test can end with.
    package enum Outcome: String, Sendable, CaseIterable {
        /// No regression: improved, or equivalent.
        case pass
        /// Regressed.
        case fail
        /// Nothing is shown: inconclusive, or only images differ.
        case skip
        /// No valid measurement.
        case error

        /// What a verdict is to a gate.
        package init(_ verdict: Verdict.Outcome) {
            self =
                switch verdict {
                case .improved, .equivalent: .pass
                case .regressed: .fail
                case .inconclusive, .imagesDiffer: .skip
                case .invalid: .error
                }
        }
    }

    /// The cell's full name.
    package var name: String
    /// What the test ends with.
    package var outcome: Outcome
    /// The verdict's word.
    package var verdict: String
    /// The change from baseline to candidate, percent.
    package var effect: Double?
    /// Its interval, percent.
    package var interval: Interval?
    /// Why, in one line.
    package var reason: String

    /// `-4.26%`; `-` where nothing counts.
    var effectText: String { effect.map(Change.signed) ?? "-" }
    /// `[-5.10, -3.41]`; `-` where the data do not bound it.
    var intervalText: String { interval.map(Change.interval) ?? "-" }
    /// `regressed -4.26% [-5.10, -3.41]: no difference larger than 5.22%`.
    var summary: String {
        let figures = [effect.map(Change.signed), interval.map(Change.interval)]
        let head = ([verdict] + figures.compactMap { $0 }).joined(separator: " ")
        return reason.isEmpty ? head : "\(head): \(reason)"
    }
}

/// The cells of one experiment.
package struct GateSuite: Sendable {
    /// The suite's name.
    package var name: String
    /// Names the experiment among all; a journal that is given again has a number behind it.
    package var experiment: String
    /// When the experiment began, nanoseconds since 1970.
    package var startedAt: UInt64
    /// What was compared: pairs of a word and a text.
    package var facts: [(name: String, value: String)]
    /// Its cells.
    package var cases: [GateCase]
}

extension Report {
    /// The suites for a format that shows them.
    ///
    /// - Throws: `usage` for a report without any.
    func suites(for format: (some Renderer).Type) throws(PlumblineError) -> [GateSuite] {
        try check(for: format)
        return suites
    }

    /// The cells of all suites; those of several are told apart by the experiment.
    ///
    /// - Throws: `usage` for a report without any.
    func cases(for format: (some Renderer).Type) throws(PlumblineError) -> [GateCase] {
        let suites = try suites(for: format)
        guard suites.count > 1 else { return suites[0].cases }
        return suites.flatMap { suite in
            suite.cases.map { one in
                var one = one
                one.name = "\(suite.experiment)/\(one.name)"
                return one
            }
        }
    }
}

extension String {
    /// The text in one line: each control character is a blank.
    var onOneLine: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    scalar.isControl ? " " : scalar
                }))
    }
}

extension Unicode.Scalar {
    /// Whether it breaks a line or steers a terminal.
    fileprivate var isControl: Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
    }
}
