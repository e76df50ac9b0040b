// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import Journal
@testable import Protocol

/// What a peer that sends too much, too long or too deep gets.
struct ProtocolLimitTests {
    @Test(arguments: ["[", "{\"a\":", "{\"kind\":\"log\",\"text\":["])
    func nestingThatIsTooDeepIsRefused(piece: String) {
        let line = Array(String(repeating: piece, count: 500_000).utf8)
        #expect(throws: PlumblineError.self) { try LineCodec.decode(AgentMessage.self, from: line) }
        #expect(throws: PlumblineError.self) {
            try LineCodec.decode(ControllerMessage.self, from: line)
        }
    }

    @Test func aStreamWithoutALineEndIsNotKept() {
        var splitter = LineSplitter()
        let chunk = [UInt8](repeating: 97, count: 1 << 20)
        let before = Self.residentBytes
        for _ in 0..<200 { #expect(splitter.feed(chunk).isEmpty) }
        #expect(splitter.unfinished == 200 << 20)
        #expect(Self.residentBytes - before < 64 << 20)
        #expect(splitter.feed([10]) == [.tooLong(200 << 20)])
        #expect(splitter.feed(Array("x\n".utf8)) == [.complete([120])])
    }

    @Test func theFullestSliceFitsIntoAMessage() throws {
        var histogram = HistogramCoding.empty()
        for place in 0..<HistogramCoding.places {
            histogram.record(HistogramCoding.value(at: place), count: UInt64(1) << 12)
        }
        var slice = Samples.fullSlice
        for track in slice.tracks.keys {
            slice.tracks[track]?.latency = LatencyRecord(histogram, closedLoop: true)
        }
        let line = try LineCodec.encode(AgentMessage.result(order: 1, slice: slice))
        #expect(line.count < LineCodec.messageLimit)
    }

    @Test func latenciesOfAnySizeAreSummedUp() throws {
        let text = HistogramCoding.encode(
            LatencyCounts(entries: [
                .init(value: 1_000, count: 1 << 62), .init(value: 50_000_000_000, count: 1 << 62),
            ]))
        var sum = LatencySum()
        sum.add("closed \(UInt64(1) << 63) 1.5 1000 50000000000 \(text)")
        let record = try #require(sum.record)
        #expect(record.count == 1 << 63)
        #expect(record.p50 < 2_000)
    }

    @Test func aJournalWithNumbersThatNoPlanHasIsRefused() throws {
        let changes: [(inout ComparisonRecord) -> Void] = [
            { $0.blocks = .max }, { $0.looks = .max }, { $0.mostBlocks = -1 }, { $0.rounds = .max },
            { $0.machines = ["box1"] },
        ]
        for change in changes {
            var header = Samples.header()
            var comparison = Samples.comparison
            change(&comparison)
            header.plan.comparison = comparison
            #expect(throws: PlumblineError.self) { try header.checkLimits() }
        }
        try Samples.header().checkLimits()
    }

    @Test func aLineWithANumberThatNoPlanHasIsRefused() throws {
        let lost = PlumblineError.failure("lost")
        let events: [JournalEvent] = [
            .roundVoid(RoundVoid(round: .max, arm: .b, error: lost)),
            .cellFailed(.init(cell: "a", number: -1, error: lost)),
            .warmupExtended(.init(cell: "a", firstBlock: .max)),
            .sliceLength(.init(cell: "a", slice: .max)),
        ]
        for event in events {
            let line = try JournalLine.encode(event)
            #expect(throws: PlumblineError.self) {
                try line.withUnsafeBytes { try JournalEvent(event.kind, in: $0) }
            }
        }
    }

    private static var residentBytes: Int {
        let words = ((try? SystemFile.read("/proc/self/statm")) ?? "").words
        return words.count > 1 ? (Int(words[1]) ?? 0) * 4096 : 0
    }
}
