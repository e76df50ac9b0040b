// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Verdicts

/// The document `plumbline.report/1` of a run or a comparison; what was not measured is absent.
///
/// Effects are B against A, positive for more of the metric; times are nanoseconds, sizes bytes,
/// rates a second. `report.schema.json` describes each field.
package struct ReportDocument: Codable, Sendable, Equatable {
    /// The document's schema.
    package static let schemaName = "plumbline.report/1"

    /// What was measured, and on which kernels.
    package struct Experiment: Codable, Sendable, Equatable {
        package var id: String
        package var kind: String
        package var suite: String
        package var seed: UInt64
        package var lens: String
        /// By A and B.
        package var arms: [String: Kernel]
    }

    /// One arm: what it is, and on which kernel and machine it ran.
    package struct Kernel: Codable, Sendable, Equatable {
        package var label: String
        package var kernelRelease: String
        package var buildID: String?
        package var cpus: Int
        package var memory: UInt64
        package var target: String
        package var deviations: [String]?

        private enum CodingKeys: String, CodingKey {
            case label
            case kernelRelease = "kernel_release"
            case buildID = "build_id"
            case cpus
            case memory = "memory_bytes"
            case target, deviations
        }

        /// An arm that ran on this machine, or on the one that `target` names.
        init(
            _ label: String, on host: Hello, target: String? = nil, deviations: [String]? = nil
        ) {
            self.label = label
            kernelRelease = host.kernelRelease
            buildID = host.buildID
            cpus = host.cpus
            memory = host.memory
            self.target = target ?? "local"
            self.deviations = deviations
        }
    }

    /// How many cells have each verdict.
    package struct Summary: Codable, Sendable, Equatable {
        package var improved, regressed, equivalent, inconclusive, invalid: Int
    }

    package var schema = ReportDocument.schemaName
    package var experiment: Experiment
    package var cells: [Cell]
    /// Of a comparison.
    package var summary: Summary?
    /// The A/A comparisons of this machine, where there were any.
    package var calibration: CalibrationRecord?
    package var exitCode: Int32

    private enum CodingKeys: String, CodingKey {
        case schema, experiment, cells, summary, calibration
        case exitCode = "exit_code"
    }
}
