// SPDX-License-Identifier: GPL-3.0-or-later

/// How the spread of rounds divides into that of boots and that of the blocks within a boot.
///
/// Source: T. Kalibera and R. Jones, *Rigorous benchmarking in reasonable time*, ISMM (2013):
/// T₂² = S₂² − S₁²/n, with S₂² the variance of the rounds' means and S₁² that within them.
public struct RoundSpread: Sendable, Equatable {
    /// T₂: the standard deviation from boot to boot, log units; 0 where the blocks explain all.
    public let between: Double
    /// S₁: the standard deviation of a boot's blocks, pooled; nil where no round has two blocks,
    /// and `between` then holds both.
    public let within: Double?
    /// n: blocks in a round, the harmonic mean.
    public let blocks: Double

    /// Divides the spread of at least two rounds.
    ///
    /// - Throws: `tooFewValues`; `notFinite`.
    public init(_ rounds: [[Double]]) throws(StatisticsError) {
        var means: [Double] = []
        var (squares, freedom, inverse) = (0.0, 0, 0.0)
        for round in rounds {
            try Check.sample(round, atLeast: 1)
            inverse += 1 / Double(round.count)
            guard round.count > 1 else {
                means.append(round[0])
                continue
            }
            let moments = try Moments(round)
            means.append(moments.mean)
            squares += moments.variance * Double(moments.count - 1)
            freedom += moments.count - 1
        }
        let variance = try Moments(means).variance
        blocks = Double(rounds.count) / inverse
        let within = freedom > 0 ? squares / Double(freedom) : nil
        self.within = within?.squareRoot()
        between = max(0, variance - (within ?? 0) / blocks).squareRoot()
    }

    /// Whether blocks, not boots, make most of a round's variance, so that longer boots help.
    public var isMostlyWithin: Bool {
        within.map { $0 * $0 / blocks > between * between } ?? false
    }
}
