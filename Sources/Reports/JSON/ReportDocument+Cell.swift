// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

extension ReportDocument {
    /// One cell; the fields after `arms` are those of a comparison.
    package struct Cell: Codable, Sendable, Equatable {
        package var name: String
        package var workload: [String: SettingValue]
        package var pressure: [String: SettingValue]
        package var metric: String
        package var unit: String
        /// By A and B.
        package var arms: [String: Arm]
        package var effect: Double?
        package var interval: [Double]?
        package var confidence: Double?
        package var p: Double?
        package var adjustedP: Double?
        package var blocks: Int?
        package var rounds: Int?
        package var verdict: String?
        package var noLargerThan: Double?
        package var detectable: Double?
        package var blocksNeeded: Int?
        package var tags: [String]?
        package var evidence: [String: Double]?
        package var claim: Claim?
        /// Why a cell could not run, or is invalid.
        package var failure: PlumblineError?

        private enum CodingKeys: String, CodingKey {
            case name, workload, pressure, metric, unit, arms
            case effect = "effect_percent"
            case interval = "interval_percent"
            case confidence
            case p = "p_value"
            case adjustedP = "p_adjusted"
            case blocks, rounds, verdict
            case noLargerThan = "no_difference_larger_than_percent"
            case detectable = "mde80_percent"
            case blocksNeeded = "blocks_needed"
            case tags, evidence, claim, failure
        }

        init(
            _ plan: CellPlan, _ metric: CellMetric, arms: [String: Arm],
            failure: PlumblineError?
        ) {
            name = plan.name
            workload = plan.settings.merging(["kind": .text(plan.workload)]) { $1 }
            pressure = plan.pressureSettings.merging(["kind": .text(plan.pressure)]) { $1 }
            self.metric = metric.name
            unit = metric.unit
            self.arms = arms
            self.failure = failure
        }
    }

    /// One arm of a cell, over the slices that count.
    package struct Arm: Codable, Sendable, Equatable {
        package var operationRate: Double?
        package var bandwidth: Double?
        package var instructions: Double?
        package var latency: Latency?
        package var readerLatency: Latency?
        package var slices: Int
        package var voids: [String: Int]

        private enum CodingKeys: String, CodingKey {
            case operationRate = "rate_per_second"
            case bandwidth = "bytes_per_second"
            case instructions = "instructions_per_operation"
            case latency = "latency_ns"
            case readerLatency = "reader_latency_ns"
            case slices, voids
        }
    }

    /// Latency of one kind of operation.
    package struct Latency: Codable, Sendable, Equatable {
        package var mean: Double
        package var p50, p90, p99, p99_9, max: UInt64
        package var closedLoop: Bool

        private enum CodingKeys: String, CodingKey {
            case mean, p50, p90, p99, p99_9, max
            case closedLoop = "closed_loop"
        }

        init(_ record: LatencyRecord) {
            mean = record.mean
            p50 = record.p50
            p90 = record.p90
            p99 = record.p99
            p99_9 = record.p99_9
            max = record.max
            closedLoop = record.closedLoop
        }
    }

    /// What was claimed of a cell: a change in percent, or no direct reclaim by workers.
    package struct Claim: Codable, Sendable, Equatable {
        package var low, high: Double?
        package var stalls: Int?
        package var standing: String

        init(_ report: ClaimVerdict) {
            switch report.claim {
            case .change(let low, let high): (self.low, self.high) = (low, high)
            case .noStalls: stalls = 0
            }
            standing = report.answer.rawValue
        }
    }
}
