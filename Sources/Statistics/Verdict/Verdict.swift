// SPDX-License-Identifier: GPL-3.0-or-later

/// What the measurements of one cell say about B against A, with everything a report prints.
public struct Verdict: Sendable, Equatable {
    /// The answer.
    public enum Outcome: String, Sendable, CaseIterable {
        /// A difference for the better.
        case improved
        /// A difference for the worse.
        case regressed
        /// No difference as large as the margin.
        case equivalent
        /// A difference between two images that their code layout alone can make.
        case imagesDiffer = "images-differ"
        /// Neither shown.
        case inconclusive
        /// Void blocks fell on one arm more than on the other.
        case invalid

        /// Whether B is shown to be better or worse than A.
        public var isDifference: Bool { self == .improved || self == .regressed }
    }

    /// What a reader should know about how the answer came about.
    public enum Tag: String, Sendable {
        /// The Hodges–Lehmann estimate lies outside the 95 % interval of the mean.
        case tailShift = "tail-shift"
        /// Blocks were averaged in twos because neighbours resemble each other.
        case pairedBlocks = "paired-blocks"
        /// All blocks ran in one boot, and the answer holds for it only.
        case oneBoot = "one-boot"
        /// The t-test shows a difference that the sign-flip test does not at 0.05.
        case crossCheckDisagrees = "cross-check-disagrees"
        /// Too few units for any decision yet.
        case tooEarly = "too-early"
    }

    /// The answer.
    public let outcome: Outcome
    /// Of a difference, whether it is also shown to be smaller than the margin.
    public let isWithinMargin: Bool
    /// The mean log ratio and its standard error, over the units.
    public let estimate: StudentT
    /// The interval of the log ratio that belongs to the stopping rule; it excludes zero exactly
    /// when a difference is shown (but for equal effects, which leave no width).
    public let interval: Interval
    /// The plain interval at 95 %, as if there had been one look.
    public let plainInterval: Interval
    /// The two-sided p at the look, held against `level`.
    public let p: Double
    /// The level that p was held against; 0 when nothing could be decided yet.
    public let level: Double
    /// The p over all looks so far, for adjustment over cells.
    public let repeatedP: Double
    /// The p of equivalence at the look: the larger one-sided one.
    public let equivalenceP: Double
    /// X*, percent: there is no difference larger than this. Below the margin exactly when
    /// equivalence is shown.
    public let noLargerThan: Double
    /// The look that is reported, from 1; nil when none was reached, or without planned looks.
    public let look: Int?
    /// How many blocks it rests on.
    public let blocks: Int
    /// The units, with their dependence and spread.
    public let units: Units
    /// The sign-flip test of the units' mean.
    public let signFlip: SignFlip
    /// The Hodges–Lehmann estimate over the units.
    public let hodgesLehmann: HodgesLehmann
    /// MDE80, percent: the change that as many units find with a power of 0.8.
    public let detectable: Double
    /// The margin, percent, that as many units exclude with a power of 0.8 at no effect.
    public let excludable: Double
    /// What decides at this estimate; nil when nothing does.
    public let needed: DataNeeded?
    /// What to know about the answer.
    public let tags: [Tag]
    /// What belongs to the difference, whether it is shown or not: `tags` has them when it is by
    /// itself, and a cell that shows it only among others needs them too.
    public let differenceTags: [Tag]
    /// What to know about the numbers.
    public let warnings: [StatisticsWarning]

    /// Whether its look showed a difference or equivalence, be the cell valid or not.
    public let isDecided: Bool

    /// The mean effect in percent.
    public var percent: Double { Percent.change(ofLogRatio: estimate.estimate) }
}
