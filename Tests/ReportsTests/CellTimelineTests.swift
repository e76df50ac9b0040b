// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Protocol
import Statistics
import Testing

@testable import Verdicts

struct CellTimelineTests {
    @Test func pointsOfALongCellAreMeansOfAllItsBlocks() throws {
        var builder = JournalBuilder(rule: .fixed)
        builder.add(300, effect: 1.1)
        let cell = try VerdictReport(builder.ended()).cells[0]
        let timeline = cell.timeline
        #expect(timeline.points.count == 100 && timeline.blocksPerPoint == 3)
        #expect(timeline.points.reduce(0) { $0 + $1.blocks } == 300)
        let mean = timeline.points.reduce(0) { $0 + $1.effect * Double($1.blocks) } / 300
        let effect = Percent.logRatio(ofChange: try #require(cell.effect))
        #expect(abs(mean - effect) < 1e-9)
        let times = timeline.points.map(\.time)
        #expect(times == times.sorted() && times.allSatisfy { 0 < $0 && $0 < timeline.length })
        // 1,200 slices of half a second.
        #expect(timeline.length == 600 && timeline.boots.isEmpty)
    }

    @Test func bootsAndVoidBlocksHaveTheirPlaces() throws {
        var builder = JournalBuilder(rule: .fixed, blocks: 12)
        builder.journal.header.plan.comparison?.rounds = 4
        builder.add(12) { slice in
            slice.round = (slice.block ?? 0) / 3
            if slice.block == 4 { slice.validity = Validity([.paused: "for a test"]) }
        }
        let timeline = try VerdictReport(builder.ended()).cells[0].timeline
        #expect(timeline.boots == [0, 6, 12, 18])
        #expect(timeline.voids == [9])
        // The round of the void block is no unit.
        #expect(timeline.points.map(\.round) == [0, 0, 0, 2, 2, 2, 3, 3, 3])
    }

    @Test func aCurveGoesFromTheLeastLatencyToThoseThatOneIsBeyond() throws {
        let record = try #require(JournalBuilder.latency())
        let curve = try #require(LatencyCounts(text: record.histogram)).curve
        #expect(curve.count == 3 * PercentileScale.pointsPerDecade + 1)
        #expect(curve == curve.sorted() && curve.first == record.min)
        let place = try #require(curve.firstIndex { $0 >= record.p90 })
        #expect(place <= PercentileScale.pointsPerDecade + 1)
        #expect(LatencyCounts(text: "not a histogram!") == nil)
    }
}
