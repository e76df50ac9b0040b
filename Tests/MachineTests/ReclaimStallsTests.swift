// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Machine

@Suite struct ReclaimStallsTests {
    @Test func whatCameBetweenIsTheDifference() {
        var sum = ReclaimStalls()
        sum.add(.init(count: 5, microseconds: 70), since: .init(count: 3, microseconds: 40))
        #expect(sum == .init(count: 2, microseconds: 30))
        sum.add(.init(count: 1, microseconds: 9, requests: 4), since: nil)
        sum.add(.init(count: 1, requests: 7), since: .init(count: 1, requests: 5))
        #expect(sum == .init(count: 3, microseconds: 39, requests: 6))
    }
}
