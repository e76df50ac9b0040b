// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// What one slice counted, and for how long.
public struct SliceTotal: Sendable, Equatable {
    /// Operations, or any other count that grows with time; zero for a slice that only stalled.
    public var operations: Double
    /// The interval that was measured, not the nominal one, in seconds; above zero.
    public var seconds: Double

    /// A slice's total.
    public init(operations: Double, seconds: Double) {
        self.operations = operations
        self.seconds = seconds
    }
}

/// The order of the arms in a block of four slices.
public enum BlockOrder: String, Sendable, CaseIterable {
    /// Baseline outside, candidate inside.
    case abba = "ABBA"
    /// Candidate outside, baseline inside.
    case baab = "BAAB"

    /// For each of the four slices, whether it belongs to the candidate B.
    public var isCandidate: [Bool] {
        self == .abba ? [false, true, true, false] : [true, false, false, true]
    }
}

/// How much faster or slower B ran than A within one block, as a natural log ratio.
///
/// d = ln(Σops_B / Σsec_B) − ln(Σops_A / Σsec_A). Totals, not means of rates: when a patch only
/// thins stalls, totals estimate its effect on the whole.
public struct BlockEffect: Sendable, Equatable {
    /// d: above zero when B did more operations a second.
    public let logRatio: Double
    /// The rate of both arms together, operations a second: the arm-blind level of the block.
    public let level: Double

    /// The change from A to B in percent.
    public var percent: Double { Percent.change(ofLogRatio: logRatio) }

    /// The effect from each arm's slices, any number of them from one.
    ///
    /// - Throws: `tooFewValues` for an arm without a slice; `notPositive` for an arm that
    ///   counted nothing, a negative count, a duration that is not above zero, or NaN in either.
    public init(a: [SliceTotal], b: [SliceTotal]) throws(StatisticsError) {
        let baseline = try Self.sum(a)
        let candidate = try Self.sum(b)
        logRatio =
            log(candidate.operations / candidate.seconds)
            - log(baseline.operations / baseline.seconds)
        level =
            (baseline.operations + candidate.operations) / (baseline.seconds + candidate.seconds)
    }

    private static func sum(_ slices: [SliceTotal]) throws(StatisticsError) -> SliceTotal {
        guard !slices.isEmpty else { throw .tooFewValues(needed: 1, given: 0) }
        var total = SliceTotal(operations: 0, seconds: 0)
        for slice in slices {
            guard slice.operations >= 0 else {
                throw .notPositive(quantity: "operations", value: slice.operations)
            }
            try Check.positive(slice.seconds, "seconds")
            total.operations += slice.operations
            total.seconds += slice.seconds
        }
        try Check.positive(total.operations, "operations")
        return total
    }
}
