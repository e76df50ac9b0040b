// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import SchemaSupport
import Statistics
import Testing

@testable import Reports
@testable import Verdicts

struct TailTests {
    private static let cell = "pipe/1w1r/64KiB/none"

    /// Blocks whose slices have so many latencies; B's are `effect` times A's, and the tail varies
    /// by up to 20 % from block to block.
    private static func builder(
        blocks: Int, operations: UInt64, effect: Double = 1, noise: Double = 0.2,
        change: JournalBuilder.Change = { _ in }
    ) -> JournalBuilder {
        var generator = SplitMix64(seed: 5)
        var builder = JournalBuilder(blocks: blocks)
        builder.add(blocks) { slice in
            let own = 1 + noise * (Double(generator.next() >> 11) * 0x1p-53 - 0.5)
            var histogram = HistogramCoding.empty()
            for value in 1...100 {
                // One in a hundred lies far beyond the others.
                let time = value > 98 ? 500_000 * own : 50_000
                histogram.record(
                    UInt64(time * (slice.arm == .b ? effect : 1)) + UInt64(value) * 100,
                    count: operations / 100)
            }
            slice.operations = operations
            slice.tracks["read"] = nil
            slice.tracks["write"]?.latency = LatencyRecord(histogram, closedLoop: true)
            change(&slice)
        }
        return builder
    }

    private func cell(_ builder: JournalBuilder) throws -> CellVerdict {
        try #require(try VerdictReport(builder.ended()).cells.first)
    }

    @Test func aTailThatDiffersHasAnIntervalOverBatchesOfBlocks() throws {
        let builder = Self.builder(blocks: 40, operations: 10_000, effect: 1.2)
        let cell = try cell(builder)
        #expect(cell.tails.map(\.quantile) == [0.99, 0.999])
        for tail in cell.tails {
            #expect(tail.track == "write" && tail.units == 20 && tail.showsDifference)
            #expect(tail.interval.contains(20), "\(tail)")
            #expect(tail.interval.confidence == 1 - 0.05 / 2)
        }
        let text = try VerdictReport(builder.ended()).text()
        let line = text.split(separator: "\n").first { $0.contains("write p99.9 ") }
        #expect(line?.contains("%") == true && line?.contains("[+") == true, "\(text)")
    }

    @Test func equalTailsAreNotToldApartNorTakenForExact() throws {
        for noise in [0, 0.2] {
            let builder = Self.builder(blocks: 40, operations: 10_000, noise: noise)
            let cell = try cell(builder)
            #expect(cell.tails.count == 2)
            for tail in cell.tails {
                #expect(!tail.showsDifference, "\(tail)")
                // No narrower than the histogram's places.
                #expect(tail.interval.upper - tail.interval.lower > 2 * 100.0 / 2048)
            }
            let text = try VerdictReport(builder.ended()).text()
            #expect(text.contains("  ~ [-"))
        }
    }

    @Test func aRareQuantileWithFewOperationsHasValuesAndNoChange() throws {
        // 24 blocks of 2000 operations an arm make four batches of 10,000, and five are needed.
        let builder = Self.builder(blocks: 24, operations: 1000, effect: 1.5)
        let cell = try cell(builder)
        #expect(cell.tails.map(\.quantile) == [0.99])
        #expect(cell.tails.map(\.units) == [20])
        #expect(cell.tails[0].interval.confidence == 0.95)
        let text = try VerdictReport(builder.ended()).text()
        let line = try #require(
            text.split(separator: "\n").first { $0.contains("write p99.9 ") })
        #expect(!line.contains("%") && !line.contains("~") && !line.contains("["), "\(line)")
        // Ten operations a slice are too few for any.
        let few = try self.cell(Self.builder(blocks: 24, operations: 100))
        #expect(few.tails.isEmpty)
        #expect(few.arms.allSatisfy { $0.latencies.count == 1 })
    }

    @Test func whereBootsAreTheUnitsTheirTailsAre() throws {
        func builder(_ rounds: Int) -> JournalBuilder {
            var builder = Self.builder(blocks: 4 * rounds, operations: 10_000, effect: 1.2) {
                $0.round = ($0.block ?? 0) / 4
            }
            builder.journal.header.plan.kind = .ab
            builder.journal.header.plan.comparison?.rounds = rounds
            return builder
        }
        #expect(try cell(builder(8)).tails.map(\.units) == [8, 8])
        // Four rounds have no interval.
        #expect(try cell(builder(4)).tails.isEmpty)
        // A round that ended early is no unit.
        var short = builder(8)
        short.journal.slices.removeAll { ($0.block ?? 0) > 29 }
        #expect(try cell(short).tails.map(\.units) == [7, 7])
    }

    @Test func theDocumentHasThemAndFitsTheSchema() throws {
        let report = try VerdictReport(
            Self.builder(blocks: 40, operations: 10_000, effect: 1.2).ended())
        let tail = try #require(try report.json().at("cells.0.tails.0"))
        #expect(tail["direction"] == .text("write"))
        #expect(tail["quantile"]?.double == 0.99)
        #expect(tail["units"] == .integer(20))
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.schemaText.utf8))
        let document = try LineCodec.decode(
            JSONValue.self, from: LineCodec.encode(report.document))
        #expect(validator.problems(document) == [])
        let none = try VerdictReport(Self.builder(blocks: 24, operations: 100).ended())
        #expect(try none.json().at("cells.0.tails") == nil)
    }
}
