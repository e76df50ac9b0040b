// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// What stands below a comparison's cells: the sum of it, and how to read the figures.
struct VerdictFooter {
    let report: VerdictReport
    let style: TextStyle

    var lines: [String] {
        summary + losses + calibration + reading
            + report.warnings.flatMap { warning in
                TextLines.wrapped("warning: \(warning)").map(style.yellow)
            }
    }

    private var summary: [String] {
        let outcomes: [Verdict.Outcome] = [
            .improved, .regressed, .equivalent, .inconclusive, .invalid,
        ]
        let counts = outcomes.map { ($0, report.count($0)) }.filter { $0.1 > 0 }
            .map { "\($0.1) \($0.0.rawValue)" }
        var line = "\(TextLines.number(report.cells.count, "cell")): "
        line += counts.joined(separator: ", ")
        switch report.ending {
        case .finished: break
        case .interrupted: line += "; interrupted"
        case .failed: line += "; ended by a failure"
        case nil: line += "; not ended"
        }
        return [style.bold("\(line).")]
    }

    private var losses: [String] {
        report.voidRounds.flatMap { round in
            TextLines.wrapped(
                "round \(round.round + 1) does not count, arm \(round.arm) was lost: "
                    + (round.error.message.split(separator: "\n").first.map(String.init) ?? "")
            ).map(style.red)
        }
    }

    private var calibration: [String] {
        guard let record = report.calibration else { return [] }
        return CalibrationText.lines(record, on: report.header.host, style)
    }

    private var reading: [String] {
        if report.comparison.rule == .repeated { return repeated }
        var text =
            report.comparison.countsInstructions
            ? counted
            : "Rates: totals over the slices that count, ± their standard deviation. "
                + "B vs A: the change in rate"
        text += ", its interval at \(confidence), p, and n blocks; ~ where no difference is shown. "
        text += "MDE80: the least change that as many blocks find in 8 of 10 runs."
        text += CellMatrix.sentence(report.cells)
        text += fewBoots
        return TextLines.wrapped(text).map {
            style.faint(String($0.drop { $0 == " " }))
        }
    }

    private var counted: String {
        "Instructions that the kernel executed for the workers, interrupts on top of them included, "
            + "per operation. B vs A: the change in them, of which fewer are better"
    }

    /// That a difference between few boots may be one of boots; empty where no cell has few.
    private var fewBoots: String {
        let counts = report.cells.filter { $0.tags.contains(Verdict.Tag.fewRounds.rawValue) }
            .map(\.rounds)
        guard let most = counts.max() else { return "" }
        guard report.header.plan.kind == .ab else { return " One boot: no claim beyond it." }
        let rounds = TextLines.number(most, "round")
        return " \(rounds) of boots: fewer than 3, no claim beyond \(most == 1 ? "it" : "them")."
    }

    private var repeated: [String] {
        TextLines.wrapped(
            "Instructions per operation, the least of each boot's slices; the guest's clock is "
                + "the number of instructions. B vs A: the change, and its range over all pairs of "
                + "boots; fewer are better. A difference is a gap between the arms that is wider "
                + "than either arm's own spread, five times as wide where there are but two boots "
                + "that vary; it stands as MDE80 (0.05% at the least)."
        ).map { style.faint(String($0.drop { $0 == " " })) }
    }

    private var confidence: String {
        let levels = report.cells.compactMap { $0.interval?.confidence }
        guard let least = levels.min(), let most = levels.max() else { return "95%" }
        func percent(_ level: Double) -> String { Decimal.fixed(min(100 * level, 99.9), 1) }
        return percent(least) == percent(most)
            ? "\(percent(least))%"
            : "\(percent(least)) to \(percent(most))% (by the look that decided)"
    }
}
