// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

/// What a cell's rate is counted in.
public enum CellMetric: String, Sendable {
    /// Bytes a second, shown in MiB/s.
    case bandwidth
    /// Operations a second.
    case iops
    /// Instructions per operation, of which fewer are better.
    case instructions

    /// The metric of a cell's rate.
    package init(_ plan: CellPlan) { self = plan.rateUnit == .operations ? .iops : .bandwidth }

    /// Whether a change of this sign is for the better.
    func isBetter(_ change: Double) -> Bool { self == .instructions ? change < 0 : change > 0 }

    /// Its name in documents.
    package var name: String {
        switch self {
        case .bandwidth: "throughput"
        case .iops: "iops"
        case .instructions: "instructions"
        }
    }

    /// What it is counted in.
    package var unit: String {
        switch self {
        case .bandwidth: "bytes/s"
        case .iops: "operations/s"
        case .instructions: "instructions/operation"
        }
    }
}
