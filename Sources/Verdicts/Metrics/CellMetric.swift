// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells

/// What a cell's rate is counted in.
public enum CellMetric: Sendable, Equatable {
    /// Bytes a second, shown in MiB/s.
    case bandwidth
    /// Operations a second.
    case iops
    /// Instructions per operation, of which fewer are better.
    case instructions
    /// A number that a foreign program prints, or its time.
    case own(OwnMetric)

    /// The metric of a foreign program.
    public struct OwnMetric: Sendable, Equatable {
        /// What reports call it.
        package let name: String
        /// Its text is empty where the metric has none.
        package let unit: MetricUnit
        /// Whether less of it is better.
        package let isLowerBetter: Bool

        package init(_ request: MetricRequest) {
            name = request.name
            unit = request.unit
            isLowerBetter = request.better == .lower
        }
    }

    /// The metric of a cell's rate.
    package init(_ plan: CellPlan) {
        if let request = plan.metrics.first {
            self = .own(OwnMetric(request))
        } else {
            self = plan.rateUnit == .operations ? .iops : .bandwidth
        }
    }

    /// Whether less of it is better.
    package var isLowerBetter: Bool {
        switch self {
        case .bandwidth, .iops: false
        case .instructions: true
        case .own(let metric): metric.isLowerBetter
        }
    }

    /// Whether a change of this sign is for the better.
    func isBetter(_ change: Double) -> Bool { isLowerBetter ? change < 0 : change > 0 }

    /// Its name in documents.
    package var name: String {
        switch self {
        case .bandwidth: "throughput"
        case .iops: "iops"
        case .instructions: "instructions"
        case .own(let metric): metric.name
        }
    }

    /// What it is counted in; empty for a number without a unit.
    package var unit: String {
        switch self {
        case .bandwidth: "bytes/s"
        case .iops: "operations/s"
        case .instructions: "instructions/operation"
        case .own(let metric): metric.unit.text
        }
    }

    /// The metric of a foreign program; nil for one of ours.
    package var own: OwnMetric? { if case .own(let metric) = self { metric } else { nil } }

    /// The word for what is good of it: `lower`.
    package var better: String { isLowerBetter ? "lower" : "higher" }
}

extension CellMetric.OwnMetric {
    /// A value with its unit for people: `14.2us`, `171K IOPS`, `12.34 MB/s`.
    package func text(_ value: Double) -> String {
        switch unit.kind {
        case "time": return Decimal.time(nanoseconds: value * unit.factor)
        case "count" where unit.text.isEmpty: return Decimal.rate(value)
        case "count/s" where unit.factor == 1: return "\(Decimal.rate(value)) \(shownUnit)"
        default:
            let number = Decimal.significant(value, 4)
            return shownUnit.isEmpty ? number : "\(number) \(shownUnit)"
        }
    }

    private var shownUnit: String { unit.text.printable }
}
