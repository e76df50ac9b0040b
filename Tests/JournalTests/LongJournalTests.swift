// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Histogram
import Linux
import Testing

@testable import Journal
@testable import Protocol

struct LongJournalTests {
    private static func record(_ values: [UInt64]) throws -> LatencyRecord {
        var histogram = HistogramCoding.empty()
        for value in values { histogram.record(value) }
        return try #require(LatencyRecord(histogram, closedLoop: false))
    }

    private static func slices(_ count: Int = 40) throws -> [SliceRecord] {
        try (0..<count).map { number in
            var slice = Samples.slice(number: number / 2)
            slice.arm = number % 2 == 0 ? .a : .b
            slice.block = number / 4
            slice.position = number % 4
            slice.warmup = number < 4 ? true : nil
            slice.operations = UInt64(1000 + number)
            slice.evidence.cpu = ["steal": Int64(number), "busy": 7]
            slice.tracks["write"]?.latency = try record(
                (1...50).map { UInt64($0 * $0) * UInt64(1 + number) * 1000 })
            slice.tracks["read"]?.latency = number == 9 ? try record([1, 59_000_000_000]) : nil
            if number > 20 {
                slice.pressure = PressureRecord(
                    kind: "memcg", proven: true, threshold: 100,
                    proof: ["allocstall": number == 30 ? -1 : Int64(number), "oom_kill": 0])
            }
            if number == 13 { slice.validity = Validity([.unpressured: "a \"quoted\" reason"]) }
            return slice
        }
    }

    private static func lines(_ slices: [SliceRecord]) throws -> [[UInt8]] {
        try [JournalLine.encode(Samples.header())]
            + slices.map { try JournalLine.encode(.slice($0)) }
    }

    private func file(
        _ lines: [[UInt8]], _ body: (String) throws -> Void
    ) throws {
        let path = Samples.path("long")
        defer { try? SystemFile.unlink(path) }
        try Samples.write(lines.joined(), to: path)
        try body(path)
    }

    private static func latency(
        _ journal: StoredJournal, _ arm: Arm = .a, wholeSize: Int = StoredJournal.wholeSize
    ) throws -> LatencyRecord? {
        let source = LatencySource(place: 0, arm: arm, track: "write")
        return try journal.latencies(wholeSize: wholeSize).sums[source]?.record
    }

    @Test func whatAFileHoldsIsWhatItsEventsSay() throws {
        let slices = try Self.slices()
        var lines = try Self.lines(slices)
        var memory = StoredJournal(header: Samples.header())
        let failed = JournalEvent.cellFailed(
            .init(cell: Samples.cell.name, arm: .b, number: 90, error: .failure("y")))
        for slice in slices { memory.add(.slice(slice)) }
        memory.add(failed)
        lines.append(try JournalLine.encode(failed))
        try file(lines) { path in
            let read = try StoredJournal(readingFrom: path)
            #expect(read.failures == memory.failures)
            #expect(read.slices[20].stalls == nil && read.slices[30].stalls == nil)
            #expect(read.slices[31].stalls == 31)
            #expect(try read.details(of: read.slices) == slices.map(SliceDetail.init))
            #expect(try memory.details(of: memory.slices) == slices.map(SliceDetail.init))
            for arm in Arm.allCases {
                #expect(try Self.latency(read, arm) == Self.latency(memory, arm))
            }
        }
    }

    @Test func latencyIsThatOfTheSlicesThatCount() throws {
        let slices = try Self.slices().map { slice in
            var slice = slice
            slice.round = (slice.block ?? 0) / 5
            return slice
        }
        var lines = try Self.lines(slices)
        lines.append(
            try JournalLine.encode(.roundVoid(.init(round: 1, arm: .b, error: .failure("lost")))))
        try file(lines) { path in
            let read = try StoredJournal(readingFrom: path)
            // Of five blocks one is a warm-up; each of the others has two slices of fifty values.
            #expect(try Self.latency(read)?.count == 400)
            #expect(read.slices.count == 40)
        }
        lines.append(
            try JournalLine.encode(
                .warmupExtended(.init(cell: Samples.cell.name, firstBlock: 3))))
        try file(lines) { path in
            let read = try StoredJournal(readingFrom: path)
            #expect(try Self.latency(read)?.count == 200)
        }
    }

    @Test func ofALongJournalPercentilesComeFromAShareOfTheBlocks() throws {
        try file(Self.lines(Self.slices())) { path in
            let read = try StoredJournal(readingFrom: path)
            let size = read.slices.filter { read.counts($0) }.reduce(0) {
                $0 + ($1.detail?.count ?? 0)
            }
            #expect(try read.latencies(wholeSize: size / 4 + 1).share == 4)
            let all = try #require(try Self.latency(read))
            let some = try #require(try Self.latency(read, wholeSize: size / 4 + 1))
            #expect(some.count < all.count / 2)
            #expect((some.mean, some.min, some.max) == (all.mean, all.min, all.max))
        }
    }

    @Test func sumsOfDistributionsAreThoseOfTheirValues() throws {
        let values = (0..<40).map { number in
            (1...50).map { UInt64($0 * $0) * UInt64(1 + number) * 1000 }
        }
        let records = try values.map { try Self.record($0) }
        var sum = LatencySum()
        for record in records { sum.add(LatencyText.encode(record)) }
        let whole = try Self.record(values.flatMap { $0 })
        let record = try #require(sum.record)
        #expect((record.p50, record.p99, record.p99_9) == (whole.p50, whole.p99, whole.p99_9))
        #expect((record.count, record.min, record.max) == (whole.count, whole.min, whole.max))
        #expect(abs(record.mean / whole.mean - 1) < 1e-3)
        #expect(!record.closedLoop)
        let text = LatencyText.encode(records[0])
        for damaged in [
            "", "????", "ajar" + text.dropFirst(4), String(text.dropLast()), text + "?",
        ] {
            var damagedSum = sum
            damagedSum.add(damaged)
            #expect(damagedSum.record == nil, "\(damaged)")
        }
    }

    @Test func theTailsOfUnitsAreThoseOfTheirValues() throws {
        let values = (0..<12).map { number in
            (1...600).map { UInt64($0 * 1000 + number * 10_000) }
        }
        let texts = try values.map { LatencyText.encode(try Self.record($0)) }
        // Three distributions a unit.
        let expected = try (0..<4).map { unit in
            let whole = try Self.record(values[3 * unit..<3 * unit + 3].flatMap { $0 })
            return (whole.count, Double(whole.p99), Double(whole.p99_9))
        }
        var sum = LatencySum()
        for (place, text) in texts.enumerated() { sum.addText(text, unit: place / 3) }
        let total = sum.finish()
        #expect(total.tails.map(\.unit) == [0, 1, 2, 3])
        for (tail, expected) in zip(total.tails, expected) {
            #expect(tail.count == expected.0)
            // Within the place: at most 1 in 1024 below its greatest value.
            for (value, greatest) in zip(tail.values, [expected.1, expected.2]) {
                #expect(value <= greatest + 1 && value > greatest * (1 - 2.0 / 1024))
            }
        }
        #expect(total.record?.count == 7200)
        #expect(total.record?.p99 == (try Self.record(values.flatMap { $0 })).p99)
        var damaged = LatencySum()
        damaged.addText(texts[0] + "?", unit: 0)
        #expect(damaged.finish().tails.isEmpty)
    }

    @Test func aTailNeedsTenValuesBeyondItsQuantile() throws {
        func tail(_ count: Int) throws -> UnitTail {
            var sum = LatencySum()
            sum.addText(
                LatencyText.encode(try Self.record((1...count).map { UInt64($0) })), unit: 0)
            return try #require(sum.finish().tails.first)
        }
        #expect(try tail(1000).holds(0.99) && !tail(999).holds(0.99))
        #expect(try tail(10_000).holds(0.999) && !tail(9_999).holds(0.999))
    }

    @Test func aFileOfSeveralPartsIsReadAsOne() throws {
        var slices = try Self.slices(60)
        for index in slices.indices {
            // Sixteen KiB each in parts of 64, so that two threads share the file.
            slices[index].validity = Validity([
                .unpressured: String(repeating: "x", count: 16 << 10)
            ])
        }
        func read(_ path: String) throws(PlumblineError) -> StoredJournal {
            try JournalReader(path, partSize: 64 << 10).read()
        }
        let lines = try Self.lines(slices)
        try file(lines) { path in
            let read = try read(path)
            #expect(read.parts.count > 8)
            #expect(read.slices.map(\.operations) == slices.map(\.operations))
            #expect(read.slices.allSatisfy { $0.hasDetail })
            #expect(read.validLength == lines.reduce(0) { $0 + $1.count })
        }
        var bad = lines
        bad[50][200] ^= 1
        try file(bad) { path in
            let error = #expect(throws: PlumblineError.self) { try read(path) }
            #expect(error?.message.contains("line 100: ") == true)
        }
        try file(lines + [lines[4]]) { path in
            let error = #expect(throws: PlumblineError.self) { try read(path) }
            #expect(error?.message.contains("line 122: slice 1 of") == true)
            #expect(error?.message.contains("occurs twice") == true)
        }
    }

    @Test func aTornDetailLeavesItsSlice() throws {
        let lines = try Self.lines(Self.slices())
        try file(Array(lines.dropLast()) + [Array(lines[40].dropLast(20))]) { path in
            let read = try StoredJournal(readingFrom: path)
            #expect(read.slices.count == 40)
            #expect(read.slices.map(\.hasDetail) == Array(repeating: true, count: 39) + [false])
            #expect(read.warnings.count == 1)
            #expect(read.warnings[0].contains("line 81 is torn"))
            #expect(try read.details(of: read.slices).count == 39)
        }
    }

    @Test func theChecksumIsThatOfTheStandardInAnyParts() {
        let bytes = Array("123456789".utf8)
        #expect(Checksum.crc32c(bytes) == 0xe306_9283)
        for cut in 0...9 {
            let first = bytes[..<cut].withUnsafeBytes { Checksum.crc32c($0) }
            #expect(
                bytes[cut...].withUnsafeBytes { Checksum.crc32c($0, after: first) } == 0xe306_9283)
        }
    }

    @Test func theChecksumOfManyBytesIsThatOfOneByteAfterTheOther() {
        var random = SplitMix64(seed: 5)
        let bytes = (0..<2000).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
        var expected: UInt32 = 0
        for count in 0...bytes.count {
            #expect(Checksum.crc32c(bytes[..<count]) == expected, "\(count) bytes")
            guard count < bytes.count else { break }
            expected = bytes[count...count].withUnsafeBytes { Checksum.crc32c($0, after: expected) }
        }
    }
}

extension LatencySum {
    fileprivate mutating func addText(_ text: String, unit: Int) {
        var text = text
        text.withUTF8 {
            add(LatencyText(UnsafeRawBufferPointer($0)), countsValues: true, unit: unit)
        }
    }
}
