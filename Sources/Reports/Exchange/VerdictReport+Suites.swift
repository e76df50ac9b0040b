// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics
import Verdicts

extension VerdictReport {
    package var suites: [GateSuite] {
        let end = ending.text.replacing("; ", with: "")
        return [
            GateSuite(
                header, experiment: header.id,
                facts: [
                    ("baseline", comparison.arms.a.label), ("candidate", comparison.arms.b.label),
                    ("seed", "\(header.seed)"),
                ] + voidRounds.map { ("lost-round", $0.text) } + warnings.map { ("warning", $0) },
                remarks: GateSuite.remarks(
                    emulated: header.isEmulated, voidRounds: voidRoundText),
                cases: cells.map { $0.gateCase(isOneOfMany: isMatrix, ending: end) })
        ]
    }
}

extension JournalComparison {
    package var suites: [GateSuite] {
        [
            GateSuite(
                b, experiment: b.id, facts: [("baseline", a.id), ("candidate", b.id)],
                remarks: GateSuite.remarks(
                    emulated: a.isEmulated || b.isEmulated, voidRounds: voidRoundText),
                cases: cells.map { $0.gateCase(isOneOfMany: cells.count > 1) })
        ]
    }
}

extension VerdictOverview {
    /// None where no journal has verdicts; the cells of a run beside them are skipped.
    package var suites: [GateSuite] {
        guard !reports.isEmpty else { return [] }
        var uses: [String: Int] = [:]
        return results.flatMap(\.suites).map { suite in
            var suite = suite
            uses[suite.experiment, default: 0] += 1
            let use = uses[suite.experiment] ?? 1
            if use > 1 { suite.experiment += "#\(use)" }
            return suite
        }
    }
}

extension JournalResult {
    fileprivate var suites: [GateSuite] {
        switch self {
        case .verdicts(let report): report.suites
        case .run(let report): [report.skipped]
        }
    }
}

extension RunReport {
    /// A run among journals with verdicts: it has none.
    fileprivate var skipped: GateSuite {
        let header = journal.header
        return GateSuite(
            header, experiment: header.id, facts: [("kernel", header.host.kernelRelease)],
            remarks: GateSuite.remarks(emulated: header.isEmulated, voidRounds: nil),
            cases: cells.map { cell in
                GateCase(
                    name: cell.plan.name, outcome: cell.valid > 0 ? .skip : .error,
                    verdict: cell.valid > 0 ? "no-verdict" : "invalid",
                    reason: cell.valid > 0
                        ? "a run has one arm, and nothing to compare"
                        : (cell.failure?.error.message ?? "no slice counts").onOneLine)
            })
    }
}

extension GateSuite {
    fileprivate init(
        _ header: JournalHeader, experiment: String, facts: [(name: String, value: String)],
        remarks: [String], cases: [GateCase]
    ) {
        self.init(
            name: header.suite.name, experiment: experiment, startedAt: header.startedAt,
            facts: [
                ("suite", header.suite.name), ("experiment", experiment),
                ("metric", header.metric.rawValue),
            ] + facts, remarks: remarks, cases: cases)
    }
}

extension CellVerdict {
    /// This cell as a test.
    ///
    /// - Parameter ending: how the experiment ended; empty where it went to its end.
    fileprivate func gateCase(isOneOfMany: Bool, ending: String = "") -> GateCase {
        var reasons = reasons(isOneOfMany: isOneOfMany)
        if outcome == .inconclusive, !ending.isEmpty { reasons.append("the run: \(ending)") }
        return GateCase(
            name: plan.name, outcome: .init(outcome), verdict: outcome.rawValue,
            effect: effect.flatMap { $0.isFinite ? $0 : nil }, interval: interval,
            reason: reasons.joined(separator: "; ").onOneLine)
    }

    private func reasons(isOneOfMany: Bool) -> [String] {
        if let error {
            let line = error.message.split(separator: "\n").first.map(String.init) ?? ""
            return error.remedy.isEmpty ? [line] : [line, error.remedy]
        }
        guard outcome != .invalid else { return tags }
        var reasons = boundsText(isOneOfMany: isOneOfMany)
        if outcome == .imagesDiffer, !tags.contains(Self.twoMachines) {
            reasons.insert("code layout alone can make this difference", at: 0)
        }
        reasons += tags.compactMap { tag in text(ofTag: tag).map { "\(tag): \($0)" } }
        return reasons.isEmpty && blocks == 0 ? ["nothing was measured"] : reasons
    }
}
