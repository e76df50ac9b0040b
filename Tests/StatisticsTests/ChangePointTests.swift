// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Statistics

@Suite("Changes of level in a history are found where they are") struct ChangePointTests {
    private func series(_ levels: [(Double, Int)], seed: UInt64) -> [Double] {
        var noise = Noise(seed: seed)
        return levels.flatMap { level, count in
            (0..<count).map { _ in level + 0.01 * noise.normal() }
        }
    }

    @Test("steps up and down are found at their place, with their size")
    func steps() throws {
        let values = series([(0, 40), (0.05, 30), (0.02, 50)], seed: 1)
        let changes = try ChangePoints(values).changes
        #expect(changes.count == 2)
        #expect(abs(changes[0].index - 40) <= 1)
        #expect(abs(changes[1].index - 70) <= 1)
        #expect(near(changes[0].magnitude, 0.05, 0.01))
        #expect(near(changes[1].magnitude, -0.03, 0.01))
        #expect(try ChangePoints(values).changes == changes)
    }

    @Test("a short episode within a long series is found")
    func episode() throws {
        let values = series([(0, 200), (0.05, 12), (0, 200)], seed: 2)
        let places = try ChangePoints(values).changes.map(\.index)
        #expect(places.contains { abs($0 - 200) <= 1 })
        #expect(places.contains { abs($0 - 212) <= 1 })
    }

    @Test("a level series has few changes at 0.001, and none of a size that is not there")
    func level() throws {
        var count = 0
        for seed in 0..<20 as Range<UInt64> {
            let values = series([(0, 100)], seed: 100 + seed)
            count += try ChangePoints(values).changes.count
            #expect(try ChangePoints(values, leastMagnitude: 0.03).changes.isEmpty)
        }
        #expect(count <= 20, "\(count) in 20 series")
    }

    @Test("series without noise, short and empty ones")
    func edges() throws {
        #expect(try ChangePoints([1, 1, 1, 2, 2, 2]).changes.map(\.index) == [3])
        #expect(try ChangePoints([Double](repeating: 3, count: 30)).changes.isEmpty)
        #expect(try ChangePoints([]).changes.isEmpty)
        #expect(try ChangePoints([1, 9, 1]).changes.isEmpty)
        #expect(throws: StatisticsError.notFinite(index: 2)) { try ChangePoints([1, 2, .nan]) }
    }
}
