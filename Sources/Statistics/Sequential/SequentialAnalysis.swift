// SPDX-License-Identifier: GPL-3.0-or-later

/// What a rule of stopping makes of the blocks so far: the look that a verdict rests on.
public struct SequentialAnalysis: Sendable, Equatable {
    /// What that look shows.
    public let look: Look
    /// The look's number, from 1; nil when none was reached, or without planned looks.
    public var number: Int?
    /// How many blocks it sees.
    public let blocks: Int
    /// The level of a difference; 0 when nothing may be decided yet.
    public let level: Double
    /// The p over all looks so far.
    public let repeatedP: Double

    /// Whether enough units are there for a decision.
    public var mayDecide: Bool { level > 0 }
}

/// When an experiment stops, chosen before its first slice.
public protocol StoppingRule: Sendable {
    /// Whether a look may stop the experiment before all its blocks ran.
    var stopsEarly: Bool { get }

    /// Looks at the blocks so far.
    ///
    /// - Throws: `tooFewValues` below two units; `notFinite`; `lengthsDiffer`.
    func analysis(
        of observations: Observations, margin: EquivalenceMargin
    ) throws(StatisticsError) -> SequentialAnalysis

    /// The interval that a verdict by any rule has at the level of this one.
    func interval(of verdict: Verdict) -> Interval
}

/// All blocks are judged once, at 0.05.
public struct FixedSample: StoppingRule, Equatable {
    /// The rule.
    public init() {}

    /// There is one look, at the end.
    public var stopsEarly: Bool { false }

    /// Looks at all blocks.
    public func analysis(
        of observations: Observations, margin: EquivalenceMargin
    ) throws(StatisticsError) -> SequentialAnalysis {
        let level = observations.count >= Verdict.leastUnits ? 0.05 : 0
        let look = try Look(observations, difference: level, equivalence: level, margin: margin)
        return SequentialAnalysis(
            look: look, blocks: observations.effects.count, level: level,
            repeatedP: level > 0 ? look.p : 1)
    }

    /// The verdict's own.
    public func interval(of verdict: Verdict) -> Interval { verdict.interval }
}
