// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Journal
import Statistics

/// A comparison as the document `plumbline.report/1`; what was not measured is absent.
///
/// Effects are B against A, positive for more of the metric; times are nanoseconds.
public struct VerdictDocument: Codable, Sendable, Equatable {
    /// What was compared.
    public struct Experiment: Codable, Sendable, Equatable {
        /// One arm: what it is, and on which kernel and machine it ran.
        public struct Arm: Codable, Sendable, Equatable {
            public var label: String
            public var kernelRelease: String
            public var buildID: String?
            public var cpus: Int
            public var memory: UInt64
            public var target: String

            private enum CodingKeys: String, CodingKey {
                case label
                case kernelRelease = "kernel_release"
                case buildID = "build_id"
                case cpus
                case memory = "memory_bytes"
                case target
            }
        }
        public var id: String
        public var kind: String
        public var suite: String
        public var seed: UInt64
        public var lens: String
        public var arms: [String: Arm]
    }

    /// Latency of one kind of operation.
    public struct Latency: Codable, Sendable, Equatable {
        public var mean: Double
        public var p50, p90, p99, p99_9, max: UInt64
        public var closedLoop: Bool

        private enum CodingKeys: String, CodingKey {
            case mean, p50, p90, p99, p99_9, max
            case closedLoop = "closed_loop"
        }
    }

    /// One arm of a cell, over the slices that count.
    public struct Arm: Codable, Sendable, Equatable {
        public var operationRate: Double?
        public var bandwidth: Double?
        public var latency: Latency?
        public var readerLatency: Latency?
        public var slices: Int
        public var voids: [String: Int]

        private enum CodingKeys: String, CodingKey {
            case operationRate = "rate_per_second"
            case bandwidth = "bytes_per_second"
            case latency = "latency_ns"
            case readerLatency = "reader_latency_ns"
            case slices, voids
        }
    }

    /// One cell and its verdict.
    public struct Cell: Codable, Sendable, Equatable {
        public var name: String
        public var workload: [String: SettingValue]
        public var pressure: [String: SettingValue]
        public var metric: String
        public var unit: String
        public var arms: [String: Arm]
        public var effect: Double?
        public var interval: [Double]?
        public var confidence: Double?
        public var p: Double?
        public var adjustedP: Double?
        public var blocks: Int
        public var rounds: Int
        public var verdict: String
        public var noLargerThan: Double?
        public var detectable: Double?
        public var blocksNeeded: Int?
        public var tags: [String]
        public var evidence: [String: Double]
        public var failure: PlumblineError?

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
            case tags, evidence, failure
        }
    }

    /// How many cells have each verdict.
    public struct Summary: Codable, Sendable, Equatable {
        public var improved, regressed, equivalent, inconclusive, invalid: Int
    }

    /// The document's schema.
    public var schema = "plumbline.report/1"
    /// What was compared.
    public var experiment: Experiment
    /// Each cell.
    public var cells: [Cell]
    /// How many cells have each verdict.
    public var summary: Summary
    /// The A/A comparisons of this machine, where there were any.
    public var calibration: CalibrationRecord?
    /// The command's exit code.
    public var exitCode: Int32

    private enum CodingKeys: String, CodingKey {
        case schema, experiment, cells, summary, calibration
        case exitCode = "exit_code"
    }
}
