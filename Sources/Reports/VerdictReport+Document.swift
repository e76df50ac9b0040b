// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics

extension VerdictReport {
    /// The report for programs.
    public var document: VerdictDocument {
        VerdictDocument(
            experiment: .init(
                id: header.id, kind: header.plan.kind.rawValue,
                suite: header.suite.name, seed: header.seed,
                lens: (comparison.lens ?? .wall).rawValue,
                arms: [
                    "A": .init(comparison.arms.a, on: host(.a)),
                    "B": .init(comparison.arms.b, on: host(.b)),
                ]),
            cells: cells.map(VerdictDocument.Cell.init), summary: .init(cells),
            calibration: calibration, exitCode: exitCode)
    }
}

extension VerdictDocument.Experiment.Arm {
    init(_ arm: ComparisonRecord.Arm, on host: Hello) {
        self.init(
            label: arm.label, kernelRelease: host.kernelRelease, buildID: host.buildID,
            cpus: host.cpus, memory: host.memory, target: arm.target ?? "local",
            deviations: arm.deviations)
    }
}

extension VerdictDocument.Summary {
    init(_ cells: [CellReport]) {
        func count(_ outcome: Verdict.Outcome) -> Int { cells.count { $0.outcome == outcome } }
        self.init(
            improved: count(.improved), regressed: count(.regressed),
            equivalent: count(.equivalent), inconclusive: count(.inconclusive),
            invalid: count(.invalid))
    }
}

extension VerdictDocument.Cell {
    init(_ cell: CellReport) {
        let plan = cell.plan
        self.init(
            name: plan.name,
            workload: plan.settings.merging(["kind": .text(plan.workload)]) { $1 },
            pressure: plan.pressureSettings.merging(["kind": .text(plan.pressure)]) { $1 },
            metric: cell.metric.name, unit: cell.metric.unit,
            arms: [
                "A": VerdictDocument.Arm(cell, 0), "B": VerdictDocument.Arm(cell, 1),
            ], effect: cell.effect, interval: cell.interval.map { [$0.lower, $0.upper] },
            confidence: cell.interval?.confidence, p: cell.p, adjustedP: cell.adjustedP,
            blocks: cell.blocks, rounds: cell.rounds, verdict: cell.outcome.rawValue,
            noLargerThan: cell.noLargerThan, detectable: cell.detectable,
            blocksNeeded: cell.blocksNeeded, tags: cell.tags, evidence: cell.evidence,
            failure: cell.error,
            claim: cell.claim.map {
                .init($0.claim, standing: $0.standing.rawValue)
            })
    }
}

extension VerdictDocument.Arm {
    init(_ cell: CellReport, _ index: Int) {
        let arm = cell.arms[index]
        let reads = arm.latencies.count > 1 ? arm.latencies.first { $0.track == "read" } : nil
        self.init(
            operationRate: arm.total.rate, bandwidth: arm.total.bandwidth,
            instructions: cell.metric == .instructions ? cell.figure(arm) : nil,
            latency: arm.latencies.first.map { VerdictDocument.Latency($0.record) },
            readerLatency: reads.map { VerdictDocument.Latency($0.record) },
            slices: arm.total.valid, voids: arm.total.reasons)
    }
}

extension VerdictDocument.Latency {
    init(_ record: LatencyRecord) {
        self.init(
            mean: record.mean, p50: record.p50, p90: record.p90, p99: record.p99,
            p99_9: record.p99_9, max: record.max, closedLoop: record.closedLoop)
    }
}
