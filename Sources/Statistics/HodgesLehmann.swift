// SPDX-License-Identifier: GPL-3.0-or-later

/// The Hodges–Lehmann estimate of a centre or a shift, with the interval of the rank test that
/// belongs to it.
///
/// Source: J. Hodges and E. Lehmann, *Estimates of location based on rank tests*, Annals of
/// Mathematical Statistics 34 (1963); the intervals: M. Hollander, D. Wolfe and E. Chicken,
/// *Nonparametric Statistical Methods*, 3rd ed. (2014), sections 3.3 and 4.3.
public struct HodgesLehmann: Sendable, Equatable {
    /// The estimate, in the sample's unit.
    public let estimate: Double
    /// Its interval; nil when the whole range covers less than was asked for.
    public let interval: Interval?
    /// What the interval really covers without ties, a fraction; nil with it.
    public let coverage: Double?
    /// The interval's ends are the k-th smallest and the k-th largest of the averages or
    /// differences; 0 without an interval.
    public let order: Int
    /// `normalApproximation`, `noInterval`.
    public let warnings: [StatisticsWarning]

    /// The median of the averages of all pairs, each value paired with itself too, zeros kept.
    ///
    /// Linear in n but for the sort. The interval takes the untied signed-rank distribution, exact
    /// up to 50 values.
    ///
    /// - Throws: `tooFewValues` below one; `notFinite`; `outOfRange` for the confidence.
    public init(_ values: [Double], confidence: Double = 0.95) throws(StatisticsError) {
        try Check.sample(values, atLeast: 1)
        try Check.fraction(confidence, "confidence")
        let n = Double(values.count)
        let test = RankOrder(
            total: values.count * (values.count + 1) / 2, level: (1 - confidence) / 2,
            exact: values.count <= SignedRankSum.largestExact,
            variance: n * (n + 1) * (2 * n + 1) / 24
        ) { SignedRankSum.lower(Double($0), values.count) }
        self.init(
            PairSums(walsh: values.sorted()), scale: 0.5, test, confidence, values.count)
    }

    /// The shift from x to y: the median of all differences yⱼ − xᵢ.
    ///
    /// The interval takes the untied Mann–Whitney distribution, exact up to 50 values a side.
    ///
    /// - Throws: as `init(_:confidence:)`.
    public init(
        from x: [Double], to y: [Double], confidence: Double = 0.95
    ) throws(StatisticsError) {
        try Check.sample(x, atLeast: 1)
        try Check.sample(y, atLeast: 1)
        try Check.fraction(confidence, "confidence")
        let (m, n) = (x.count, y.count)
        let test = RankOrder(
            total: m * n, level: (1 - confidence) / 2,
            exact: max(m, n) <= RankSum.largestExact,
            variance: Double(m) * Double(n) * Double(m + n + 1) / 12
        ) { RankSum.lower(Double($0), m, n) }
        let sums = PairSums(x.map { -$0 }.sorted(), y.sorted())
        self.init(sums, scale: 1, test, confidence, max(m, n))
    }

    private init(
        _ sums: PairSums, scale: Double, _ test: RankOrder, _ confidence: Double, _ size: Int
    ) {
        estimate = scale * sums.median
        order = test.order
        var warnings: [StatisticsWarning] = []
        if !test.exact { warnings.append(.normalApproximation(count: size)) }
        if test.order > 0 {
            interval = Interval(
                lower: scale * sums.select(rank: test.order),
                upper: scale * sums.select(rank: sums.count + 1 - test.order),
                confidence: confidence)
            coverage = 1 - 2 * test.tail
        } else {
            interval = nil
            coverage = nil
            warnings.append(.noInterval(confidence: confidence))
        }
        self.warnings = warnings
    }
}

/// Which ordered average or difference bounds an interval.
private struct RankOrder {
    let order: Int
    /// The probability of a rank statistic below `order`.
    let tail: Double
    let exact: Bool

    /// - Parameters:
    ///   - total: the rank statistic's largest value; it is symmetric about half of it.
    ///   - level: what each end may miss.
    ///   - cumulative: P(statistic ≤ q), asked only when `exact`.
    init(
        total: Int, level: Double, exact: Bool, variance: Double, cumulative: (Int) -> Double
    ) {
        self.exact = exact
        if exact {
            order = countAtMost(level, limit: total / 2, cumulative: cumulative)
            tail = order > 0 ? cumulative(order - 1) : 0
        } else {
            let mean = Double(total) / 2
            let deviation = variance.squareRoot()
            let last = mean - Normal.upperQuantile(level) * deviation - 0.5
            order = max(0, Int(last.rounded(.down)) + 1)
            tail = Normal.lower((Double(order) - 0.5 - mean) / deviation)
        }
    }
}
