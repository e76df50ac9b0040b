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
    /// `regressed -4.26% [-5.10, -3.41]: no difference larger than 5.22%`; without a verdict that only
    /// repeats the outcome, and so empty for a pass without a reason.
    var summary: String {
        let words = [
            verdict == outcome.rawValue ? nil : verdict, effect.map(Change.signed),
            interval.map(Change.interval),
        ]
        let head = words.compactMap { $0 }.joined(separator: " ")
        return [head, reason].filter { !$0.isEmpty }.joined(separator: ": ")
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
    /// What a reader of its verdicts must know: `emulated`, `1 void round (lost B)`.
    package var remarks: [String]
    /// Its cells.
    package var cases: [GateCase]
}

extension GateSuite {
    /// The remarks that there are.
    static func remarks(emulated: Bool, voidRounds: String?) -> [String] {
        [emulated ? "emulated" : nil, voidRounds].compactMap { $0 }
    }

    /// `suite demo, experiment 20261121T000000Z-1, emulated`, in one line.
    var heading: String {
        (["suite \(name)", "experiment \(experiment)"] + remarks).joined(separator: ", ").onOneLine
    }
}

extension Report {
    /// The suites for a format that shows them.
    ///
    /// - Throws: `usage` for a report without any.
    func suites(for format: (some Renderer).Type) throws(PlumblineError) -> [GateSuite] {
        try check(for: format)
        return suites
    }

    /// The cells of all suites, each with its suite; those of several are told apart by the
    /// experiment.
    ///
    /// - Throws: `usage` for a report without any.
    func cases(
        for format: (some Renderer).Type
    ) throws(PlumblineError) -> [(suite: GateSuite, one: GateCase)] {
        let suites = try suites(for: format)
        return suites.flatMap { suite in
            suite.cases.map { one in
                var one = one
                if suites.count > 1 { one.name = "\(suite.experiment)/\(one.name)" }
                return (suite, one)
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
