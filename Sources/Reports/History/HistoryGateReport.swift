// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

/// What `plumbline history gate` prints: the cells that differ from their history.
package struct HistoryGateReport: Report {
    private let gate: HistoryGate
    /// Whether 4 becomes 0.
    private let inconclusiveIsOK: Bool

    /// A report of a judged experiment.
    package init(_ gate: HistoryGate, inconclusiveIsOK: Bool = false) {
        self.gate = gate
        self.inconclusiveIsOK = inconclusiveIsOK
    }

    /// That of the gate.
    package var exitCode: Int32 { inconclusiveIsOK && gate.exitCode == 4 ? 0 : gate.exitCode }

    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.history-gate/1", "experiment": gate.entry.experiment,
            "equivalence_percent": 100 * gate.margin,
            "void_rounds": JSONObject(
                ["A", "B"].reduce(into: [:]) { $0[$1] = gate.entry.arm($1).voidRounds }),
            "cells": gate.cells.map { cell in
                JSONObject([
                    "name": cell.name, "label": cell.label, "verdict": cell.outcome.rawValue,
                    "effect_percent": cell.effect, "usual_effect_percent": cell.usual,
                    "expected_percent": cell.expected.map { [$0.lower, $0.upper] },
                    "p_adjusted": cell.p, "earlier_experiments": cell.count,
                    "reason": cell.reason.isEmpty ? nil : cell.reason,
                ])
            }, "exit_code": exitCode,
        ])
    }

    package var page: TextPage {
        var page = TextPage()
        let experiment = gate.entry.experiment
        page.add(
            TextParagraph(
                lead: experiment.suite,
                ", \(experiment.metric): \(experiment.id) against its history on "
                    + experiment.machine))
        page.add()
        var table = TextTable()
        table.addTitles(
            "cell", .right("A -> B"), .right("usual"), "expected at 95%", .right("n"), "verdict")
        for cell in gate.cells {
            table.add(
                .left(cell.label), .right(cell.effect.map(Change.signed) ?? "-"),
                .right(cell.usual.map(Change.signed) ?? "-"),
                .left(cell.expected.map(Change.interval) ?? "-"), .right("\(cell.count)"),
                .left(cell.outcome.rawValue, cell.outcome.role))
            if !cell.reason.isEmpty { table.add(.note(cell.reason)) }
        }
        page.add(table)
        page.add()
        if let text = gate.entry.arms.voidRoundText { page.add(.note(text, role: .bad)) }
        page.add(
            TextParagraph(
                "n: earlier experiments since the last change. equivalent: the effect differs from "
                    + "the usual one by less than \(Change.short(100 * gate.margin)). The p of "
                    + "the cells are adjusted by Holm's procedure.", role: .faint))
        return page
    }

    package var suites: [GateSuite] {
        let experiment = gate.entry.experiment
        return [
            GateSuite(
                name: experiment.suite, experiment: experiment.id,
                startedAt: UInt64(clamping: experiment.startedAt),
                facts: [
                    ("suite", experiment.suite), ("baseline", "history"),
                    ("candidate", gate.entry.arm("B").label),
                    ("experiment", experiment.id), ("metric", experiment.metric),
                ],
                remarks: GateSuite.remarks(
                    emulated: experiment.isEmulated, voidRounds: gate.entry.arms.voidRoundText),
                cases: gate.cells.map(GateCase.init))
        ]
    }
}

extension GateCase {
    fileprivate init(_ cell: HistoryGate.Cell) {
        let usual = cell.usual.map { usual in
            let expected = cell.expected.map { " \(Change.interval($0))" } ?? ""
            return "usual \(Change.signed(usual))\(expected) over \(cell.count) experiments"
        }
        self.init(
            name: cell.name, outcome: .init(cell.outcome), verdict: cell.outcome.rawValue,
            effect: cell.effect, interval: nil,
            reason: [usual, cell.reason.isEmpty ? nil : cell.reason].compactMap { $0 }
                .joined(separator: "; ").onOneLine)
    }
}
