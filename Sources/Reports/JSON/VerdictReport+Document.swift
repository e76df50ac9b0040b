// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

extension VerdictReport {
    package var document: ReportDocument {
        func kernel(_ arm: ComparisonRecord.Arm, _ host: Hello) -> ReportDocument.Kernel {
            .init(arm.label, on: host, target: arm.target, deviations: arm.deviations)
        }
        return ReportDocument(
            experiment: .init(
                id: header.experiment.id, kind: header.experiment.kind.rawValue,
                suite: header.suite.name, seed: header.seed,
                lens: (comparison.lens ?? .wall).rawValue,
                arms: [
                    "A": kernel(comparison.arms.a, host(.a)),
                    "B": kernel(comparison.arms.b, host(.b)),
                ]),
            cells: cells.map(ReportDocument.Cell.init), summary: .init(cells),
            calibration: calibration, exitCode: exitCode)
    }
}

extension JournalComparison {
    package var document: ReportDocument {
        func kernel(_ header: JournalHeader) -> ReportDocument.Kernel {
            let label = header.comparison.map { "\($0.arms.b.label) vs \($0.arms.a.label)" }
            return .init(label ?? header.host.kernelRelease, on: header.host)
        }
        return ReportDocument(
            experiment: .init(
                id: "\(a.experiment.id)..\(b.experiment.id)", kind: "compare",
                suite: a.suite.name, seed: a.seed, lens: a.lens.rawValue,
                arms: ["A": kernel(a), "B": kernel(b)]),
            cells: cells.map(ReportDocument.Cell.init), summary: .init(cells),
            exitCode: exitCode)
    }
}

extension ReportDocument.Summary {
    fileprivate init(_ cells: [CellVerdict]) {
        func count(_ outcome: Verdict.Outcome) -> Int { cells.count { $0.outcome == outcome } }
        self.init(
            improved: count(.improved), regressed: count(.regressed),
            equivalent: count(.equivalent), inconclusive: count(.inconclusive),
            invalid: count(.invalid))
    }
}

extension ReportDocument.Cell {
    fileprivate init(_ cell: CellVerdict) {
        let arms = cell.arms.map { ReportDocument.Arm($0, of: cell) }
        self.init(cell.plan, cell.metric, arms: ["A": arms[0], "B": arms[1]], failure: cell.error)
        effect = cell.effect
        interval = cell.interval.map { [$0.lower, $0.upper] }
        confidence = cell.interval?.confidence
        p = cell.p
        adjustedP = cell.adjustedP
        blocks = cell.blocks
        rounds = cell.rounds
        verdict = cell.outcome.rawValue
        noLargerThan = cell.noLargerThan
        detectable = cell.detectable
        blocksNeeded = cell.blocksNeeded
        tags = cell.tags
        evidence = cell.evidence
        claim = cell.claim.map(ReportDocument.Claim.init)
    }
}

extension ReportDocument.Arm {
    fileprivate init(_ arm: CellVerdict.Side, of cell: CellVerdict) {
        let reads = arm.latencies.count > 1 ? arm.latencies.first { $0.track == "read" } : nil
        self.init(
            operationRate: arm.total.rate, bandwidth: arm.total.bandwidth,
            instructions: cell.metric == .instructions ? cell.figure(arm) : nil,
            latency: arm.latencies.first.map { .init($0.record) },
            readerLatency: reads.map { .init($0.record) }, slices: arm.total.valid,
            voids: arm.total.reasons)
    }
}
