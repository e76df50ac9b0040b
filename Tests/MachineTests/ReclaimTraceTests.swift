// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Machine

@Suite struct ReclaimTraceTests {
    /// As Linux 6.12 prints it.
    private static let histogram = """
        # event histogram
        #
        # trigger info: hist:keys=pid:vals=hitcount,us:sort=hitcount:size=16384 [active]
        #

        { pid:         68 } hitcount:        220  us:      46389
        { pid:      12071 } hitcount:          1  us:          7

        Totals:
            Hits: 221
            Entries: 2
            Dropped: 0
        """

    @Test func aHistogramsLinesAreReadByThread() {
        #expect(
            ReclaimTrace.parse(Self.histogram) == [
                68: .init(count: 220, microseconds: 46389),
                12071: .init(count: 1, microseconds: 7),
            ])
        #expect(ReclaimTrace.parse("")?.isEmpty == true)
        let full = Self.histogram.replacing("Dropped: 0", with: "Dropped: 12")
        #expect(ReclaimTrace.parse(full) == nil)
    }

    @Test func whatCameBetweenIsTheDifference() {
        var sum = ReclaimStalls()
        sum.add(.init(count: 5, microseconds: 70), since: .init(count: 3, microseconds: 40))
        #expect(sum == .init(count: 2, microseconds: 30))
        sum.add(.init(count: 1, microseconds: 9, requests: 4), since: nil)
        sum.add(.init(count: 1, requests: 7), since: .init(count: 1, requests: 5))
        #expect(sum == .init(count: 3, microseconds: 39, requests: 6))
    }
}
