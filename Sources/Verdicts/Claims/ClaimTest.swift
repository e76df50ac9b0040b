// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Statistics

/// What a figure is judged by, before the adjustment over claims.
struct ClaimTest: Sendable {
    /// The change as a log ratio; of events, how many more a second B has than A.
    let estimate: StudentT
    /// Of events, how many a second B has beyond the tolerated share of A's; nil for ratios.
    var rest: StudentT?
    /// The level at which one claim alone is judged: that of the last look.
    let level: Double

    /// The test of a rate of events that B is claimed not to have.
    ///
    /// Whether B has more than a share λ of A's events is asked of B − λ·A, which needs no ratio of
    /// rates (Fieller's contrast).
    ///
    /// - Parameters:
    ///   - rates: events a second, by unit.
    ///   - share: λ.
    /// - Source: E. C. Fieller, *Some problems in interval estimation*, Journal of the Royal
    ///   Statistical Society B 16 (1954).
    init?(rates: [(a: Double, b: Double)], share: Double, level: Double) {
        guard let estimate = try? StudentT(rates.map { $0.b - $0.a }),
            let rest = try? StudentT(rates.map { $0.b - share * $0.a })
        else { return nil }
        self.init(estimate: estimate, rest: rest, level: level)
    }

    init(estimate: StudentT, rest: StudentT? = nil, level: Double) {
        self.estimate = estimate
        self.rest = rest
        self.level = level
    }

    /// Whether it shows a difference by itself, of a size that code layout alone can make.
    var mayBeLayout: Bool {
        guard let bounds = try? estimate.interval(confidence: 1 - level) else { return true }
        return !bounds.contains(0) && Verdict.mayBeLayout(bounds.percent)
    }

    /// Judges a figure.
    ///
    /// Whether there is a difference is asked of p by Holm's procedure. Sizes come from intervals
    /// that all cover at once, at 1 − level/claims: Holm's procedure has no two-sided intervals of
    /// its own, and the one-sided ones that go with it say nothing of the size of what it rejects.
    ///
    /// - Parameters:
    ///   - claims: how many claims are judged in the experiment.
    ///   - margin: ±X, percent.
    /// - Source: S. Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian
    ///   Journal of Statistics 6 (1979); K. Strassburger and F. Bretz, *Compatible simultaneous
    ///   lower confidence bounds for the Holm procedure*, Statistics in Medicine 27 (2008).
    func judge(
        _ verdict: inout ClaimVerdict.FigureVerdict, among claims: Int, adjustedP: Double,
        margin: Double
    ) {
        let confidence = 1 - level / Double(max(1, claims))
        guard let bounds = try? estimate.interval(confidence: confidence) else { return }
        verdict.adjustedP = adjustedP
        let isShown = adjustedP <= level
        if let rest = try? rest?.interval(confidence: confidence) {
            verdict.interval = bounds
            verdict.standing = Self.standing(
                ofRest: rest, isFewer: isShown && estimate.estimate < 0)
        } else {
            verdict.interval = bounds.percent
            verdict.standing = Self.standing(
                of: bounds.percent, verdict.figure, isShown: isShown, margin: margin)
        }
        if verdict.standing == .cannotTell { verdict.reason = "no difference is shown" }
    }

    private static func standing(
        of interval: Interval, _ figure: ClaimRecord.Figure, isShown: Bool, margin: Double
    ) -> ClaimVerdict.Standing {
        let room = max(figure.tolerance, margin)
        if figure.low - room <= interval.lower, interval.upper <= figure.high + room {
            return .reproduced
        }
        if interval.upper < figure.low { return figure.isIncrease ? .smaller : .larger }
        if interval.lower > figure.high { return figure.isIncrease ? .larger : .smaller }
        return isShown ? .compatible : .cannotTell
    }

    private static func standing(
        ofRest rest: Interval, isFewer: Bool
    ) -> ClaimVerdict.Standing {
        if rest.upper < 0 { return .reproduced }
        if rest.lower > 0 { return .smaller }
        return isFewer ? .compatible : .cannotTell
    }
}

extension ClaimRecord.Figure {
    /// Whether B is claimed to have more of it.
    var isIncrease: Bool { low + high > 0 }
}
