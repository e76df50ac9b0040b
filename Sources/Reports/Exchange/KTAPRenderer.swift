// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// `--format ktap`: the kernel's test protocol, version 1.
///
/// A cell without a verdict is `ok` with the directive `SKIP`, an invalid one is `not ok` with
/// `ERROR`. Several experiments are nested blocks, each with the result of the whole behind it.
///
/// Source: Linux, Documentation/dev-tools/ktap.rst.
struct KTAPRenderer: Renderer {
    static let name = "ktap"

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        let suites = try report.suites(for: Self.self)
        let version = "KTAP version 1"
        let lines =
            suites.count == 1
            ? [version] + Self.facts(suites[0]) + Self.plan(suites[0].cases)
            : [version]
                + Self.plan(suites.map(\.whole))
                .enumerated().flatMap { place, line -> [String] in
                    // The results of a block come after it.
                    guard place > 0 else { return [line] }
                    let suite = suites[place - 1]
                    let block =
                        [version, "# Subtest: \(Self.name(suite.whole))"] + Self.facts(suite)
                    return (block + Self.plan(suite.cases)).map { "  \($0)" } + [line]
                }
        return lines.map { $0 + "\n" }.joined()
    }

    /// What was compared and what to know of it, as diagnostics.
    private static func facts(_ suite: GateSuite) -> [String] {
        (suite.facts + suite.remarks.map { (name: "remark", value: $0) }).map {
            "# \($0.name): \($0.value)".onOneLine
        }
    }

    /// How many results there are, and the results.
    private static func plan(_ cases: [GateCase]) -> [String] {
        ["1..\(cases.count)"]
            + cases.enumerated().map { number, one in
                let (result, directive) =
                    switch one.outcome {
                    case .pass: ("ok", "")
                    case .fail: ("not ok", "")
                    case .skip: ("ok", "SKIP ")
                    case .error: ("not ok", "ERROR ")
                    }
                let remark = (directive + one.summary).trimmed
                return "\(result) \(number + 1) \(name(one))"
                    + (remark.isEmpty ? "" : " # \(remark)")
            }
    }

    /// A description, which ends at the first '#'.
    private static func name(_ one: GateCase) -> String {
        // By scalars: a '#' and an accent behind it are one character.
        String(
            String.UnicodeScalarView(one.name.onOneLine.unicodeScalars.map { $0 == "#" ? "_" : $0 })
        )
    }
}

extension GateSuite {
    /// The experiment as one test: it fails where a cell does, and is skipped where all cells are.
    fileprivate var whole: GateCase {
        let outcomes = cases.map(\.outcome)
        let outcome: GateCase.Outcome =
            outcomes.contains(.fail)
            ? .fail
            : outcomes.contains(.error)
                ? .error : outcomes.contains(.pass) ? .pass : .skip
        let counts = GateCase.Outcome.allCases.compactMap { outcome in
            let count = outcomes.count { $0 == outcome }
            return count > 0 ? "\(count) \(outcome.rawValue)" : nil
        }
        return GateCase(
            name: "\(name) \(experiment)", outcome: outcome,
            verdict: counts.joined(separator: ", "), reason: "")
    }
}
