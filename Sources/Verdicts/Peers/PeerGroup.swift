// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Statistics

/// Cells that measure the same by different means, and whether they tell the same effect of B.
///
/// Every effect is one on the rate: of a metric of which less is better, the reciprocal is taken. Each
/// peer is held against the first one by the difference of their log effects, with Student's t over
/// what both measured: the rounds of boots that they share or, in one boot, Welch's test on the
/// blocks of each. The intervals hold for all peers of a label together (Bonferroni). An interval
/// with 0 in it shows no difference, and does not show that there is none.
public struct PeerGroup: Sendable, Equatable {
    /// What the difference to the first peer shows.
    public enum Standing: String, Sendable, CaseIterable {
        /// Its interval has 0 in it.
        case agree
        /// Its interval is on one side of 0.
        case disagree
        /// There is no interval.
        case undecided = "not decided"
    }

    /// How a peer's effect differs from that of the first one.
    public struct Difference: Sendable, Equatable {
        /// The peer's log effect on the rate less the first one's.
        public let logRatio: Double
        /// The log ratio's interval.
        public let interval: Interval

        /// The same in percent: effects of +20 % and +21 % differ by 0.83 %.
        public var percent: Double { Percent.change(ofLogRatio: logRatio) }
    }

    /// One of the cells.
    public struct Peer: Sendable, Equatable {
        /// The cell's name.
        public let cell: String
        /// The effect on the rate in percent; nil where nothing counts.
        public let effect: Double?
        /// Its interval in percent; nil where the data do not bound it.
        public let interval: Interval?
        /// Against the first peer; nil of the first one, and where there is no interval.
        public let difference: Difference?
        /// Nil of the first peer.
        public let standing: Standing?
        /// Why it is not decided.
        public let reason: String?
    }

    /// What was measured of one cell.
    struct Measured {
        /// The cell's name.
        var cell: String
        /// The units' log effects on the cell's metric.
        var effects: UnitEffects
        /// The change of the metric in percent, and its interval.
        var effect: Double?
        var interval: Interval?
        /// Whether less of the metric is better.
        var isLowerBetter = false
        /// Whether the cell says nothing.
        var isInvalid = false
    }

    /// The label.
    public let label: String
    /// The pressure that all of them are under.
    public let pressure: String
    /// In the order of the suite; the first is what the others are held against.
    public let peers: [Peer]
    /// Whether a look stopped one of the cells, which the intervals do not account for.
    public let stoppedEarly: Bool

    /// Holds cells against the first of them.
    ///
    /// - Parameter level: the error rate of all differences together.
    init(
        _ label: String, pressure: String, _ cells: [Measured], stoppedEarly: Bool, level: Double
    ) {
        self.label = label
        self.pressure = pressure
        self.stoppedEarly = stoppedEarly
        let confidence = 1 - level / Double(max(1, cells.count - 1))
        peers = cells.enumerated().map { place, cell in
            guard place > 0 else { return Peer(cell, difference: nil, standing: nil) }
            let first = cells[0]
            if let invalid = [cell, first].first(where: \.isInvalid) {
                let which = invalid.cell == cell.cell ? "the cell" : "the first peer"
                return Peer(
                    cell, difference: nil, standing: .undecided, reason: "\(which) is invalid")
            }
            let change = UnitEffects.difference(
                from: first.effectsOnRate, to: cell.effectsOnRate)
            guard let change, let interval = try? change.interval(confidence: confidence) else {
                let units = cell.effects.areRounds ? "rounds of boots in common" : "blocks each"
                return Peer(
                    cell, difference: nil, standing: .undecided,
                    reason: "that needs \(Verdict.leastUnits) \(units)")
            }
            return Peer(
                cell, difference: Difference(logRatio: change.estimate, interval: interval),
                standing: interval.contains(0) ? .agree : .disagree)
        }
    }
}

extension PeerGroup.Peer {
    fileprivate init(
        _ cell: PeerGroup.Measured, difference: PeerGroup.Difference?,
        standing: PeerGroup.Standing?, reason: String? = nil
    ) {
        self.cell = cell.cell
        self.difference = difference
        self.standing = standing
        self.reason = reason
        guard cell.isLowerBetter else {
            effect = cell.effect
            interval = cell.interval
            return
        }
        func reciprocal(_ percent: Double) -> Double {
            Percent.change(ofLogRatio: -Percent.logRatio(ofChange: percent))
        }
        effect = cell.effect.map(reciprocal)
        interval = cell.interval.map {
            Interval(
                lower: reciprocal($0.upper), upper: reciprocal($0.lower),
                confidence: $0.confidence)
        }
    }
}

extension PeerGroup.Measured {
    fileprivate var effectsOnRate: UnitEffects { isLowerBetter ? effects.reversed : effects }
}
