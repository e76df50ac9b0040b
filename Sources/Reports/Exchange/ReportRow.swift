// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

/// One cell of one experiment, as a row of a table for programs.
package struct ReportRow: Sendable {
    /// What one arm did over the slices that count.
    struct Side: Sendable {
        /// Operations a second.
        var rate: Double?
        /// Bytes a second.
        var bandwidth: Double?
        /// Instructions per operation, where they are what was measured.
        var instructions: Double?
        /// The metric of a foreign program.
        var value: Double?
        /// By kind of operation, writes first, then reads.
        var latencies: [(track: String, record: LatencyRecord)]
        /// Slices that count.
        var slices: Int
        /// Slices that do not.
        var voids: Int
        /// The figures that a statistic can be made from, one a boot, block or slice; nil where the
        /// report has none.
        var samples: [Sample]?
    }

    /// One figure of an arm.
    struct Sample: Sendable {
        /// Operations behind it; nil where they are not kept.
        var operations: Double?
        /// Operations a second; nil where time was not measured.
        var rate: Double?
        /// Bytes a second; nil where time was not measured.
        var bandwidth: Double?
        /// Instructions per operation, where they are what was measured.
        var instructions: Double?
        /// The metric of a foreign program.
        var value: Double?
    }

    /// The header of the experiment's journal; of two journals, that of the second.
    var header: JournalHeader
    /// Names the experiment: the journal's id, or both ids.
    var experiment: String
    /// The journal's name among several; else as `experiment`.
    var journal: String
    /// `run`, `toggle`, `ab` or `compare`.
    var kind: String
    /// What the arms are, A first.
    var labels: [String]
    /// The releases of the arms' kernels.
    var kernels: [String]
    /// The cell.
    var plan: CellPlan
    /// What is compared.
    var metric: CellMetric
    /// The arms' figures, A first.
    var sides: [Side]
    /// What a comparison says; nil for one arm.
    var verdict: CellVerdict?
    /// Why the cell could not run, or is invalid.
    var failure: PlumblineError?
    /// The rounds of boots that do not count, because an arm was lost.
    var lostRounds: [RoundVoid] = []
}

extension VerdictReport {
    package var rows: [ReportRow] {
        let arms = [comparison.arms.a, comparison.arms.b]
        let kernels = Arm.allCases.map { host($0).kernelRelease }
        return cells.map { cell in
            ReportRow(
                header: header, experiment: header.id, journal: header.id,
                kind: header.plan.kind.rawValue, labels: arms.map(\.label), kernels: kernels,
                plan: cell.plan, metric: cell.metric,
                sides: zip(cell.arms, cell.samples).map { cell.side($0, samples: $1) },
                verdict: cell, failure: cell.error, lostRounds: voidRounds)
        }
    }
}

extension JournalComparison {
    package var rows: [ReportRow] {
        let labels = [a, b].map { header in
            header.comparison.map { "\($0.arms.b.label) vs \($0.arms.a.label)" } ?? header.id
        }
        let id = "\(a.id)..\(b.id)"
        return cells.map { cell in
            ReportRow(
                header: b, experiment: id, journal: id, kind: "compare", labels: labels,
                kernels: [a, b].map(\.host.kernelRelease), plan: cell.plan, metric: cell.metric,
                sides: cell.arms.map { cell.side($0, samples: nil) }, verdict: cell,
                failure: cell.error)
        }
    }
}

extension RunReport {
    package var rows: [ReportRow] {
        cells.map { cell in
            ReportRow(
                header: journal.header, experiment: journal.header.id, journal: journal.header.id,
                kind: journal.header.plan.kind.rawValue,
                labels: [journal.header.host.kernelRelease],
                kernels: [journal.header.host.kernelRelease], plan: cell.plan,
                metric: journal.header.metric == .time ? cell.metric : .instructions,
                sides: [
                    ReportRow.Side(
                        rate: cell.operationRate?.median, bandwidth: cell.bandwidth?.median,
                        instructions: cell.instructions?.median, value: cell.value?.median,
                        latencies: cell.tracks.compactMap { track in
                            track.latency.map { (track.name, $0) }
                        }, slices: cell.valid, voids: cell.void,
                        samples: samples(of: cell.plan.name))
                ], verdict: nil, failure: cell.failure?.error)
        }
    }

    /// The figures of a cell's slices that count.
    private func samples(of cell: String) -> [ReportRow.Sample] {
        let header = journal.header
        let place = header.suite.cells.firstIndex { $0.name == cell }
        let slices = place.map(journal.slices(of:)) ?? []
        return slices.filter { $0.isValid && $0.operations > 0 }.map { slice in
            // In a guest an instruction takes a nanosecond.
            let count = header.countsInstructions ? slice.instructions : slice.interval
            let operations = Double(slice.operations)
            let isTime = header.metric == .time
            return ReportRow.Sample(
                operations: operations, rate: isTime ? slice.rate : nil,
                bandwidth: isTime ? slice.bandwidth : nil,
                instructions: isTime ? nil : count.map { Double($0) / operations },
                value: isTime ? slice.value : nil)
        }
    }
}

extension VerdictOverview {
    package var rows: [ReportRow] {
        zip(results, names).flatMap { result, name in
            result.rows.map { row in
                var row = row
                row.journal = name
                return row
            }
        }
    }
}

extension CellVerdict {
    /// Each arm's figures by unit, a round of boots or a block.
    fileprivate var samples: [[ReportRow.Sample]] {
        if arms.contains(where: { !$0.bootInstructions.isEmpty }) {
            return arms.map { $0.bootInstructions.map { ReportRow.Sample(instructions: $0) } }
        }
        return [unitTotals.map(\.a), unitTotals.map(\.b)].map { totals in
            totals.map { total in
                let isTime = metric != .instructions
                return ReportRow.Sample(
                    operations: total.operations, rate: isTime ? total.rate : nil,
                    bandwidth: isTime ? total.bandwidth : nil,
                    instructions: isTime ? nil : total.instructionsPerOperation,
                    value: isTime ? total.value : nil)
            }
        }
    }

    fileprivate func side(_ arm: Side, samples: [ReportRow.Sample]?) -> ReportRow.Side {
        ReportRow.Side(
            rate: arm.total.rate, bandwidth: arm.total.bandwidth,
            instructions: metric == .instructions ? figure(arm) : nil,
            value: metric.own.flatMap { _ in figure(arm) }, latencies: arm.latencies,
            slices: arm.total.valid, voids: arm.total.void, samples: samples)
    }
}
