// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Journal
import Protocol
import Statistics

/// How a quantile in the tail of a cell's latencies differs between the arms.
///
/// A unit's value is ln of B's quantile less ln of A's; Student's t over the units, at a level that
/// is divided by the number of quantiles shown of the cell (Bonferroni). The interval is widened by
/// the resolution of the histograms, so that equal units do not pass for exact ones.
public struct TailChange: Sendable, Equatable {
    /// The kind of operation.
    public let track: String
    /// Such as 0.99.
    public let quantile: Double
    /// A's and B's latency at the quantile, over all slices that count, nanoseconds.
    public let times: [UInt64]
    /// The mean change over the units, percent; more is slower.
    public let percent: Double
    /// Its interval, percent.
    public let interval: Interval
    /// Rounds of boots, or batches of blocks.
    public let units: Int

    /// Whether a difference is shown.
    public var showsDifference: Bool { !interval.contains(0) }

    /// The changes of a cell's quantiles that its units hold.
    ///
    /// - Parameter alpha: the level that they share.
    static func all(_ tracks: [TailTrack], alpha: Double) -> [TailChange] {
        let tests = tracks.flatMap { track in
            UnitTail.quantiles.indices.compactMap { place in
                track.logRatios(place).map { (track: track, place: place, values: $0) }
            }
        }
        let level = alpha / Double(max(1, tests.count))
        return tests.compactMap { test in
            TailChange(
                test.track, at: test.place, values: test.values, confidence: 1 - level)
        }
    }

    private init?(
        _ track: TailTrack, at place: Int, values: [Double], confidence: Double
    ) {
        // Equal values leave t nothing to go by; that all signs agree still has a probability.
        guard let test = try? StudentT(values),
            test.standardError > 0 || exp2(1 - Double(values.count)) <= 1 - confidence,
            var interval = try? test.interval(confidence: confidence)
        else { return nil }
        self.track = track.name
        quantile = UnitTail.quantiles[place]
        times = track.records.map { place == 0 ? $0.p99 : $0.p99_9 }
        let resolution = times.map(Self.resolution).max() ?? 0
        interval.lower -= resolution
        interval.upper += resolution
        percent = Percent.change(ofLogRatio: test.estimate)
        self.interval = interval.percent
        units = values.count
    }

    /// How wide the histogram's place of a latency is, as a log ratio.
    private static func resolution(_ time: UInt64) -> Double {
        let place = HistogramCoding.index(of: max(1, time))
        let (least, next) = (
            HistogramCoding.value(at: place), HistogramCoding.value(at: place + 1)
        )
        return log(Double(next) / Double(max(1, least)))
    }
}

/// A kind of operation's latency in both arms, A first.
struct TailTrack {
    var name: String
    /// Over all slices that count.
    var records: [LatencyRecord]
    /// By unit.
    var tails: [[UnitTail]]

    /// Each unit's ln B − ln A at one of the quantiles; nil where a unit has too few latencies
    /// beyond it, and with fewer than five units.
    func logRatios(_ place: Int) -> [Double]? {
        let (a, b) = (tails[0], tails[1])
        let isWhole = (a + b).allSatisfy {
            $0.holds(UnitTail.quantiles[place]) && $0.values[place] > 0
        }
        guard isWhole, a.count >= TailUnits.least, a.map(\.unit) == b.map(\.unit) else {
            return nil
        }
        return zip(a, b).map { log($1.values[place] / $0.values[place]) }
    }
}
