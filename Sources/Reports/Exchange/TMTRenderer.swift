// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Yams

/// `--format tmt`: the `results.yaml` of a tmt test with `result: custom`.
///
/// A cell without a verdict is `warn`, which tmt does not let pass.
///
/// Source: tmt, spec/plans/results.fmf; `note` is a list since tmt 1.39.
struct TMTRenderer: Renderer {
    static let name = "tmt"

    func render(_ report: some Report, style: TextStyle) throws(PlumblineError) -> String {
        let results = try report.cases(for: Self.self).map { suite, one in
            let note = Node.sequence(
                .init([Self.quoted(one.summary), Self.quoted(suite.heading)]))
            return Node.mapping(
                .init([
                    (Self.plain("name"), Self.quoted("/\(one.name.onOneLine)")),
                    (Self.plain("result"), Self.plain(Self.result(one.outcome))),
                    (Self.plain("note"), note),
                ]))
        }
        do {
            return try serialize(node: .sequence(.init(results)), width: -1, allowUnicode: true)
        } catch {
            throw .failure("cannot write the results as YAML: \(error)")
        }
    }

    private static func result(_ outcome: GateCase.Outcome) -> String {
        outcome == .skip ? "warn" : outcome.rawValue
    }

    private static func plain(_ text: String) -> Node { .scalar(.init(text)) }

    private static func quoted(_ text: String) -> Node {
        .scalar(.init(text, .implicit, .doubleQuoted))
    }
}
