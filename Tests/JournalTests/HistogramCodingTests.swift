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

    @Test("the header is that of HdrHistogram's V2 encoding")
    func header() {
        // 0x1c849313, length 0, offset 0, digits 3, lowest 1, highest 60e9, ratio 1.0.
        #expect(
            HistogramCoding.encode(HistogramCoding.empty())
                == "HISTEwAAAAAAAAAAAAAAAwAAAAAAAAABAAAADfhHWAA/8AAAAAAAAA==")
    }

    @Test("an empty histogram has no latency record")
    func empty() {
        #expect(LatencyRecord(HistogramCoding.empty(), closedLoop: true) == nil)
    }

    @Test("what is not such an encoding is refused", arguments: ["", "?", "AAAA", "HISTEwAAAAE="])
    func refuses(text: String) {
        #expect(HistogramCoding.decode(text) == nil)
    }

    @Test("a damaged payload is refused and does not trap")
    func damaged() throws {
        var histogram = HistogramCoding.empty()
        for value in stride(from: UInt64(100), to: 1_000_000, by: 997) { histogram.record(value) }
        let text = HistogramCoding.encode(histogram)
        for cut in stride(from: 0, to: text.count, by: 4) {
            #expect(HistogramCoding.decode(String(text.prefix(cut))) == nil)
        }
    }
}
