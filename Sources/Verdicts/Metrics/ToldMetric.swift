// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal

/// A metric of a foreign program that is told beside the one that is judged: no verdict rests on it.
package struct ToldMetric: Sendable, Equatable {
    /// What it is.
    package let metric: CellMetric.OwnMetric
    /// Whether it is known which direction is good.
    package let hasDirection: Bool
    /// The mean of each arm's slices, A first; nil where an arm has none.
    package let means: [Double?]

    /// The change from A to B, percent; nil without a figure above 0 of both.
    package var change: Double? {
        guard means.count == 2, let a = means[0], let b = means[1], a > 0 else { return nil }
        return 100 * (b / a - 1)
    }
}

extension ToldMetric {
    /// The told metrics of a cell, over these slices.
    ///
    /// - Parameter arms: how many there are; a slice without one belongs to the first.
    package static func all(
        of plan: CellPlan, arms: Int, over slices: [(slice: SliceSummary, detail: SliceDetail)]
    ) -> [ToldMetric] {
        plan.metrics.dropFirst().map { request in
            var sums = Array(repeating: (sum: 0.0, count: 0.0), count: arms)
            for (slice, detail) in slices {
                guard let value = detail.told?[request.name] else { continue }
                let arm = slice.arm == .b && arms > 1 ? 1 : 0
                sums[arm].sum += value
                sums[arm].count += 1
            }
            return ToldMetric(
                metric: CellMetric.OwnMetric(request), hasDirection: request.better != nil,
                means: sums.map { $0.count > 0 ? $0.sum / $0.count : nil })
        }
    }
}
