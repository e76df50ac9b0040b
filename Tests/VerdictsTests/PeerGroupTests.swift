// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Statistics
import Testing

@testable import Verdicts

/// What peers tell of one effect, by made units.
struct PeerGroupTests {
    /// Units around a mean: their deviations are known and add up to 0.
    private func units(
        _ mean: Double, spread: Double = 0.01, count: Int = 8, rounds: [Int]? = nil
    ) -> UnitEffects {
        let values = (0..<count).map { mean + spread * ($0.isMultiple(of: 2) ? 1 : -1) }
        return UnitEffects(values, rounds: rounds ?? [])
    }

    private func cell(
        _ name: String, _ effects: UnitEffects, isLowerBetter: Bool = false,
        isInvalid: Bool = false
    ) -> PeerGroup.Measured {
        let mean = effects.values.reduce(0, +) / Double(max(1, effects.values.count))
        return PeerGroup.Measured(
            cell: name, effects: effects, effect: 100 * expm1(mean),
            interval: Interval(
                lower: 100 * expm1(mean - 0.02), upper: 100 * expm1(mean + 0.02), confidence: 0.95),
            isLowerBetter: isLowerBetter, isInvalid: isInvalid)
    }

    private func group(_ cells: [PeerGroup.Measured], level: Double = 0.05) -> PeerGroup {
        PeerGroup("x", pressure: "none", cells, stoppedEarly: false, level: level)
    }

    @Test func theFirstPeerStandsAndOthersAreHeldAgainstIt() throws {
        let found = group([cell("a", units(0.1)), cell("b", units(0.1)), cell("c", units(0.2))])
        #expect(found.peers.map(\.cell) == ["a", "b", "c"])
        #expect(found.peers.map(\.standing) == [nil, .agree, .disagree])
        #expect(found.peers[0].difference == nil)
        let difference = try #require(found.peers[2].difference)
        #expect(abs(difference.logRatio - 0.1) < 1e-12)
        #expect(abs(difference.percent - 100 * expm1(0.1)) < 1e-9)
        #expect(difference.interval.lower > 0)
        #expect(found.peers[1].difference?.interval.contains(0) == true)
    }

    @Test func theIntervalIsWelchsInOneBootAndHoldsForAllPeersOfALabel() throws {
        let (a, b) = (units(0.1), units(0.12, spread: 0.03, count: 10))
        let alone = try StudentT.welch(from: a.values, to: b.values)
        let two = group([cell("a", a), cell("b", b)])
        #expect(two.peers[1].difference?.interval == (try alone.interval(confidence: 0.95)))
        let three = group([cell("a", a), cell("b", b), cell("c", a)])
        #expect(three.peers[1].difference?.interval == (try alone.interval(confidence: 0.975)))
    }

    @Test func roundsThatBothMeasuredArePairedAndWhatIsCommonToThemCancels() throws {
        // The boots differ by far more than the peers do.
        let boots = [0.0, 0.3, -0.2, 0.5, 0.1, -0.4]
        let rounds = Array(boots.indices)
        let a = UnitEffects(boots, rounds: rounds)
        let b = UnitEffects(
            boots.enumerated().map { $1 + 0.02 + ($0.isMultiple(of: 2) ? 1e-3 : -1e-3) },
            rounds: rounds)
        let difference = try #require(group([cell("a", a), cell("b", b)]).peers[1].difference)
        #expect(abs(difference.logRatio - 0.02) < 1e-9)
        #expect(difference.interval.upper - difference.interval.lower < 0.01)
        #expect(group([cell("a", a), cell("b", b)]).peers[1].standing == .disagree)
    }

    @Test func aMetricOfWhichLessIsBetterIsTakenAsItsReciprocal() throws {
        // B takes a tenth less time, and does a ninth more of the same work a second.
        let time = cell("time", units(log(0.9)), isLowerBetter: true)
        let found = group([cell("rate", units(-log(0.9))), time])
        let peer = found.peers[1]
        #expect(peer.standing == .agree)
        #expect(abs(try #require(peer.effect) - 100 / 9) < 1e-9)
        let interval = try #require(peer.interval)
        #expect(interval.lower < 100 / 9 && 100 / 9 < interval.upper)
        // The same figures as a rate are another effect.
        let wrong = group([cell("rate", units(-log(0.9))), cell("rate 2", units(log(0.9)))])
        #expect(wrong.peers[1].standing == .disagree)
    }

    @Test func withTooFewUnitsNothingIsDecidedAndTheReasonIsSaid() {
        let few = group([cell("a", units(0.1)), cell("b", units(0.1, count: 4))])
        #expect(few.peers[1].standing == .undecided)
        #expect(few.peers[1].difference == nil)
        #expect(few.peers[1].reason == "that needs \(Verdict.leastUnits) blocks each")
        let apart = group([
            cell("a", units(0.1, count: 6, rounds: Array(0..<6))),
            cell("b", units(0.1, count: 6, rounds: Array(4..<10))),
        ])
        #expect(
            apart.peers[1].reason == "that needs \(Verdict.leastUnits) rounds of boots in common")
        let nothing = group([cell("a", UnitEffects([])), cell("b", units(0.1))])
        #expect(nothing.peers[1].standing == .undecided)
    }

    @Test func anInvalidPeerSaysNothingAndAnInvalidFirstOneNothingOfTheOthers() {
        let good = cell("a", units(0.1))
        let bad = cell("b", units(0.1), isInvalid: true)
        #expect(group([good, bad]).peers[1].reason == "the cell is invalid")
        let others = group([bad, good, good]).peers.dropFirst()
        #expect(others.allSatisfy { $0.standing == .undecided })
        #expect(others.first?.reason == "the first peer is invalid")
    }
}
