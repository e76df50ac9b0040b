// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Histogram
import Linux
import Testing

@testable import Journal
@testable import Protocol

struct JournalDigestTests {
    private static func record(_ values: [UInt64]) throws -> LatencyRecord {
        var histogram = HistogramCoding.empty()
        for value in values { histogram.record(value) }
        return try #require(LatencyRecord(histogram, closedLoop: false))
    }

    private static func slices() throws -> [SliceRecord] {
        try (0..<40).map { number in
            var slice = Samples.slice(visit: number / 2)
            slice.arm = number % 2 == 0 ? .a : .b
            slice.block = number / 4
            slice.position = number % 4
            slice.warmup = number < 4 ? true : nil
            slice.operations = UInt64(1000 + number)
            slice.evidence.cpu = ["steal": Int64(number), "busy": 7]
            if number % 3 == 0 {
                slice.evidence.workers = [
                    "reclaim_stalls": Int64(number), "reclaim_stall_us": 900, "user_ns": 5,
                ]
            }
            slice.tracks["write"]?.latency = try record(
                (1...50).map { UInt64($0 * $0) * UInt64(1 + number) * 1000 })
            slice.tracks["read"]?.latency = number == 9 ? try record([1, 59_000_000_000]) : nil
            if number > 20 {
                // A difference below zero is none that the quick reader reads.
                slice.pressure = PressureRecord(
                    kind: "memcg", proven: true, threshold: 100,
                    proof: ["allocstall": number == 30 ? -1 : Int64(number), "oom_kill": 0])
            }
            if number == 13 { slice.validity = Validity([.unpressured: "a \"quoted\" reason"]) }
            return slice
        }
    }

    private func file(
        _ lines: [[UInt8]], _ body: (String) throws -> Void
    ) throws {
        let path = Samples.path("digest")
        defer { try? SystemFile.unlink(path) }
        try Samples.write(lines.joined(), to: path)
        try body(path)
    }

    private func expectSame(_ path: String) throws {
        let stored = JournalDigest(try StoredJournal(readingFrom: path))
        let read = try JournalDigest(readingFrom: path)
        #expect(read.header == stored.header)
        #expect(read.slices == stored.slices)
        #expect(read.failures == stored.failures)
        #expect(read.firstBlocks == stored.firstBlocks)
        #expect(read.ending == stored.ending)
        #expect(read.resumptions == stored.resumptions)
        #expect(read.warnings == stored.warnings)
        #expect(Set(read.latencies.keys) == Set(stored.latencies.keys))
        for (source, sum) in stored.latencies {
            #expect(read.latencies[source]?.record == sum.record)
        }
    }

    @Test func theQuickReaderReadsWhatTheThoroughOneReads() throws {
        var lines = [try JournalLine.encode(Headed(Samples.header()))]
        lines += try Self.slices().map { try JournalLine.encode(JournalEvent.slice($0)) }
        lines.insert(
            try JournalLine.encode(
                JournalEvent.cellFailed(
                    .init(cell: Samples.cell.name, arm: .a, visit: 3, error: .failure("x")))),
            at: 9)
        lines.append(
            try JournalLine.encode(
                JournalEvent.warmupExtended(.init(cell: Samples.cell.name, firstBlock: 3))))
        lines.append(
            try JournalLine.encode(
                JournalEvent.cellFailed(
                    .init(cell: Samples.cell.name, arm: .b, visit: 90, error: .failure("y")))))
        try file(lines) { path in
            let read = try #require(try DigestReader(path)?.read())
            #expect(read.slices[20].stalls == nil && read.slices[30].stalls == nil)
            #expect(read.slices[31].stalls == 31)
            try expectSame(path)
        }
        // A last line that was torn by a kill.
        try file(lines + [Array(lines[3].dropLast(20))]) { path in
            #expect(try DigestReader(path)?.read()?.warnings.count == 1)
            try expectSame(path)
        }
    }

    @Test func theLatencyOfVoidRoundsIsLeftOut() throws {
        var lines = [try JournalLine.encode(Headed(Samples.header()))]
        let slices = try Self.slices().map { slice in
            var slice = slice
            slice.round = (slice.block ?? 0) / 5
            return slice
        }
        lines += try slices.map { try JournalLine.encode(JournalEvent.slice($0)) }
        lines.append(
            try JournalLine.encode(
                JournalEvent.roundVoid(.init(round: 1, arm: .b, error: .failure("lost")))))
        try file(lines) { path in
            try expectSame(path)
            let read = try #require(try DigestReader(path)?.read())
            let source = JournalDigest.Source(cell: 0, arm: .a, track: "write")
            // Of five blocks one is a warm-up; each of the others has two slices of fifty values.
            #expect(read.latencies[source]?.record?.count == 400)
            #expect(read.slices.count == 40)
        }
    }

    @Test func ofALargeFilePercentilesComeFromAShareOfTheBlocks() throws {
        var lines = [try JournalLine.encode(Headed(Samples.header()))]
        lines += try Self.slices().map { try JournalLine.encode(JournalEvent.slice($0)) }
        try file(lines) { path in
            let whole = try #require(try DigestReader(path)?.read())
            let size = lines.reduce(0) { $0 + $1.count }
            let shared = try #require(try DigestReader(path, wholeSize: size / 4 + 1)?.read())
            #expect(shared.slices == whole.slices)
            #expect(shared.warnings.contains { $0.contains("one block in 4") })
            for (source, sum) in whole.latencies where source.track == "write" {
                let all = try #require(sum.record)
                let some = try #require(shared.latencies[source]?.record)
                #expect(some.count < all.count / 2)
                #expect((some.mean, some.min, some.max) == (all.mean, all.min, all.max))
            }
        }
    }

    @Test func sumsOfHistogramsAreThoseOfTheSlowWay() throws {
        let records = try Self.slices().compactMap { $0.tracks["write"]?.latency }
        var sum = LatencySum()
        for record in records { sum.add(record) }
        #expect(sum.record == LatencyRecord.merging(records))
        var damaged = sum
        var record = records[0]
        for text in [
            "", "????", "SElT", String(record.histogram.dropLast(8)), "=" + record.histogram,
        ] {
            record.histogram = text
            damaged = sum
            damaged.add(record)
            #expect(damaged.record == nil, "\(text)")
        }
    }

    @Test func aDamagedFileIsRefusedAsTheThoroughReaderDoes() throws {
        var lines = [try JournalLine.encode(Headed(Samples.header()))]
        lines += try Self.slices().map { try JournalLine.encode(JournalEvent.slice($0)) }
        for place in [0, 1, 20, 40] {
            var bad = lines
            bad[place][bad[place].count / 2] ^= 1
            try file(bad) { path in
                #expect(throws: PlumblineError.self) { try StoredJournal(readingFrom: path) }
                let error = #expect(throws: PlumblineError.self) {
                    try JournalDigest(readingFrom: path)
                }
                #expect(error?.message.contains("line \(place + 1)") == true)
            }
        }
        try file(lines + [lines[4]]) { path in
            let error = #expect(throws: PlumblineError.self) {
                try JournalDigest(readingFrom: path)
            }
            #expect(error?.message.contains("twice") == true)
        }
        try file([]) { path in
            #expect(throws: PlumblineError.self) { try JournalDigest(readingFrom: path) }
        }
        #expect(throws: PlumblineError.self) { try JournalDigest(readingFrom: "/nonexistent") }
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
}
