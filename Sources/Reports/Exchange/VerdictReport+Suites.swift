// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics
import Verdicts

extension VerdictReport {
    package var suites: [GateSuite] {
        let end = ending.text.replacing("; ", with: "")
        return [
            GateSuite(
                name: header.suite.name, experiment: header.id, startedAt: header.startedAt,
                facts: [
                    ("baseline", comparison.arms.a.label), ("candidate", comparison.arms.b.label),
                    ("experiment", header.id), ("seed", "\(header.seed)"),
                    ("metric", header.metric.rawValue),
                ],
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
                name: b.suite.name, experiment: b.id, startedAt: b.startedAt,
                facts: [
                    ("baseline", a.id), ("candidate", b.id), ("experiment", b.id),
                    ("metric", b.metric.rawValue),
                ],
                remarks: GateSuite.remarks(
                    emulated: a.isEmulated || b.isEmulated, voidRounds: voidRoundText),
                cases: cells.map { $0.gateCase(isOneOfMany: cells.count > 1) })
        ]
    }
}

extension VerdictOverview {
    package var suites: [GateSuite] { reports.flatMap(\.suites) }
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
