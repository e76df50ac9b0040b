// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram
import Testing

@testable import Protocol

@Suite("Histograms in a journal") struct HistogramCodingTests {
    @Test("a histogram comes back with the same counts from 1 ns to 60 s")
    func roundTrip() throws {
        var histogram = HistogramCoding.empty()
        var value: UInt64 = 1
        while value < 60_000_000_000 {
            histogram.record(value, count: value % 7 + 1)
            value += value / 3 + 1
        }
        histogram.record(60_000_000_000, count: 1 << 24)
        let text = HistogramCoding.encode(histogram)
        let back = try #require(HistogramCoding.decode(text))
        #expect(back.totalCount == histogram.totalCount)
        #expect(
            back.recordedValues().map { [$0.value, $0.count] }
                == histogram.recordedValues().map { [$0.value, $0.count] })
        #expect(HistogramCoding.encode(back) == text)
    }

    @Test("places and values agree with each other at every bucket's edge")
    func places() {
        for index in 0..<27_000 {
            #expect(HistogramCoding.index(of: HistogramCoding.value(at: index)) == index)
        }
    }

    @Test(
        "a text is as the format has it: VLQ numbers, twice a count or an odd run of empty places")
    func text() {
        #expect(HistogramCoding.encode(HistogramCoding.empty()) == "")
        var histogram = HistogramCoding.empty()
        histogram.record(3, count: 2)
        histogram.record(5, count: 16)
        // Three empty places: 5; 2: 4; one empty place: 1; 16: 32, in two letters.
        #expect(HistogramCoding.encode(histogram) == "FEBgB")
    }

    @Test("an empty histogram has no latency record")
    func empty() {
        #expect(LatencyRecord(HistogramCoding.empty(), closedLoop: true) == nil)
    }

    @Test(
        "what is not such an encoding is refused",
        arguments: ["?", "A=", "Eg", "////////////////", "//////////D"])
    func refuses(text: String) {
        #expect(HistogramCoding.decode(text) == nil)
    }

    @Test("a text that is cut off is not that of its record, and does not trap")
    func damaged() throws {
        var histogram = HistogramCoding.empty()
        for value in stride(from: UInt64(100), to: 1_000_000, by: 997) { histogram.record(value) }
        var record = try #require(LatencyRecord(histogram, closedLoop: true))
        let text = record.histogram
        #expect(record.distribution?.totalCount == record.count)
        for cut in 0..<text.count {
            record.histogram = String(text.prefix(cut))
            #expect(record.distribution == nil)
        }
    }
}
