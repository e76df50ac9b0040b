// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// Whether a commit's effect is nearer to that of the bad commit or to none, both against the good
/// commit.
package enum BisectionAnswer: Sendable, Equatable {
    /// Nearer to none.
    case good
    /// Nearer to the bad commit's.
    case bad
    /// It cannot be told, and why.
    case skip(String)

    /// The largest margin of equivalence.
    private static let mostMargin = 0.5
    /// Where none and the bad commit's effect are equally near, as a share of the latter.
    private static let middle = 0.5

    /// The margin ±X of a step: half of the bad commit's effect, as a log ratio.
    ///
    /// - Parameter percent: the bad commit's effect.
    /// - Returns: a fraction, at most 0.5.
    package static func margin(ofBad percent: Double) -> Double {
        let half = Percent.change(ofLogRatio: middle * Percent.logRatio(ofChange: percent))
        return min(mostMargin, abs(half) / 100)
    }

    /// Answers for a cell that was measured with that margin.
    ///
    /// A commit without an effect is called bad, and one with the bad commit's effect good, in at
    /// most the share of cases that the stopping rule allows: the first takes a difference from
    /// none, the second an interval that lies within half of the bad commit's effect.
    ///
    /// - Parameters:
    ///   - cell: the commit against the good one.
    ///   - percent: the bad commit's effect against the good one.
    package init(_ cell: CellVerdict, bad percent: Double) {
        switch cell.outcome {
        case .equivalent: self = .good
        case .improved, .regressed, .imagesDiffer: self = Self.difference(cell, bad: percent)
        case .inconclusive:
            self = .skip("not decided after \(Decimal.count(cell.units, "round")) of boots")
        case .invalid: self = .skip(cell.error?.message ?? "the cell is invalid")
        }
    }

    private static func difference(_ cell: CellVerdict, bad percent: Double) -> Self {
        let whole = Percent.logRatio(ofChange: percent)
        /// 0 for no effect, 1 for the bad commit's.
        func share(_ percent: Double) -> Double { Percent.logRatio(ofChange: percent) / whole }
        guard let effect = cell.effect else { return .skip("no effect was measured") }
        let ends = cell.interval.map { [share($0.lower), share($0.upper)] } ?? [.infinity]
        if share(effect) <= 0 || ends.allSatisfy({ $0 < middle }) { return .good }
        if cell.outcome == .imagesDiffer {
            return .skip("code layout alone can make the difference (see --relinks)")
        }
        return share(effect) >= middle
            ? .bad
            : .skip("not decided: the effect may be nearer to the bad one's or to none")
    }

    /// What a program of `git bisect run` exits with.
    package var exitCode: Int32 {
        switch self {
        case .good: 0
        case .bad: 1
        case .skip: 125
        }
    }
}
