// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
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
            /// What it is.
            public var label: String
            /// uname -r.
            public var kernelRelease: String
            /// The kernel's GNU build id, where known.
            public var buildID: String?
            /// CPUs that the agent may use.
            public var cpus: Int
            /// MemTotal in bytes.
            public var memory: UInt64
            /// Where it ran.
            public var target: String
            /// Where the kernel's configuration deviates from a distribution's, and why.
            public var deviations: [String]?

            private enum CodingKeys: String, CodingKey {
                case label
                case kernelRelease = "kernel_release"
                case buildID = "build_id"
                case cpus
                case memory = "memory_bytes"
                case target, deviations
            }
        }
        /// Names the experiment among all.
        public var id: String
        /// run, toggle, ab or compare.
        public var kind: String
        /// The suite's name.
        public var suite: String
        /// What decided the order.
        public var seed: UInt64
        /// wall or instructions.
        public var lens: String
        /// The arms, by A and B.
        public var arms: [String: Arm]
    }

    /// Latency of one kind of operation.
    public struct Latency: Codable, Sendable, Equatable {
        /// The mean.
        public var mean: Double
        /// Percentiles, and the greatest value.
        public var p50, p90, p99, p99_9, max: UInt64
        /// Whether an operation waits for the one before it.
        public var closedLoop: Bool

        private enum CodingKeys: String, CodingKey {
            case mean, p50, p90, p99, p99_9, max
            case closedLoop = "closed_loop"
        }
    }

    /// One arm of a cell, over the slices that count.
    public struct Arm: Codable, Sendable, Equatable {
        /// Operations a second.
        public var operationRate: Double?
        /// Bytes a second.
        public var bandwidth: Double?
        /// Instructions per operation, where they are the metric.
        public var instructions: Double?
        /// Of the operation that the cell is named for.
        public var latency: Latency?
        /// Of a pipe's readers.
        public var readerLatency: Latency?
        /// Slices that count.
        public var slices: Int
        /// Why others do not, and how many.
        public var voids: [String: Int]

        private enum CodingKeys: String, CodingKey {
            case operationRate = "rate_per_second"
            case bandwidth = "bytes_per_second"
            case instructions = "instructions_per_operation"
            case latency = "latency_ns"
            case readerLatency = "reader_latency_ns"
            case slices, voids
        }
    }

    /// What was claimed of a cell.
    public struct Claim: Codable, Sendable, Equatable {
        /// The ends of the change claimed, percent.
        public var low, high: Double?
        /// 0 where no direct reclaim by workers was claimed.
        public var stalls: Int?
        /// confirmed, exceeded, contradicted or open.
        public var standing: String

        init(_ claim: ComparisonRecord.Claim, standing: String) {
            switch claim {
            case .change(let low, let high): (self.low, self.high) = (low, high)
            case .noStalls: stalls = 0
            }
            self.standing = standing
        }
    }

    /// One cell and its verdict.
    public struct Cell: Codable, Sendable, Equatable {
        /// The cell's name.
        public var name: String
        /// Its settings and kind.
        public var workload: [String: SettingValue]
        /// Its settings and kind.
        public var pressure: [String: SettingValue]
        /// throughput, iops or instructions.
        public var metric: String
        /// What its rate is counted in.
        public var unit: String
        /// The arms, by A and B.
        public var arms: [String: Arm]
        /// B against A.
        public var effect: Double?
        /// The ends of its interval.
        public var interval: [Double]?
        /// The interval's, a fraction.
        public var confidence: Double?
        /// Two-sided, of no difference.
        public var p: Double?
        /// The same, over all cells.
        public var adjustedP: Double?
        /// Blocks that the verdict rests on.
        public var blocks: Int
        /// Rounds of boots.
        public var rounds: Int
        /// improved, regressed, equivalent, inconclusive or invalid.
        public var verdict: String
        /// No difference is larger, percent.
        public var noLargerThan: Double?
        /// MDE80, percent.
        public var detectable: Double?
        /// The blocks that decide at this estimate.
        public var blocksNeeded: Int?
        /// What a reader should know.
        public var tags: [String]
        /// Further figures by name.
        public var evidence: [String: Double]
        /// Why it is invalid.
        public var failure: PlumblineError?
        /// What was claimed, where something was.
        public var claim: Claim?

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
            case tags, evidence, failure, claim
        }
    }

    /// How many cells have each verdict.
    public struct Summary: Codable, Sendable, Equatable {
        /// Cells with this verdict.
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
