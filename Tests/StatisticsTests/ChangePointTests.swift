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

    @Test("changes by construction: each place, each number of them, and three values at an end")
    func construction() throws {
        for place in 3...17 {
            let values = series([(0, place), (0.2, 20 - place)], seed: UInt64(place))
            let changes = try ChangePoints(values).changes
            #expect(changes.map(\.index) == [place])
            #expect(changes.allSatisfy { $0.p < 0.001 })
        }
        for place in [1, 2, 18, 19] {
            let values = series([(0, place), (0.2, 20 - place)], seed: UInt64(place))
            for change in try ChangePoints(values).changes {
                #expect((3...17).contains(change.index), "\(place)")
            }
        }
        let stairs = (0..<8).map { (0.1 * Double($0), 10) }
        #expect(
            try ChangePoints(series(stairs, seed: 3)).changes.map(\.index)
                == Array(stride(from: 10, through: 70, by: 10)))
    }

    @Test("what goes down and comes up again is found as a whole: 100 series")
    func episodes() throws {
        let found = try (0..<100 as Range<UInt64>).count { seed in
            let values = series([(0, 20), (-0.15, 12), (0.07, 9)], seed: 500 + seed)
            return try ChangePoints(values).changes.map(\.index) == [20, 32]
        }
        #expect(found >= 90, "\(found)")
    }

    @Test("a single outlier is no change")
    func outlier() throws {
        for place in [5, 20, 37] {
            var values = series([(0, 40)], seed: 9)
            values[place] = 0.3
            #expect(try ChangePoints(values).changes.isEmpty, "\(place)")
        }
    }

    @Test("400 level series of normal and of heavy-tailed noise: few have a change")
    func falseChanges() throws {
        var found = (normal: 0, heavy: 0)
        for seed in 0..<400 as Range<UInt64> {
            var noise = Noise(seed: 10_000 + seed)
            let normal = (0..<60).map { _ in noise.normal() }
            if try !ChangePoints(normal).changes.isEmpty { found.normal += 1 }
            let heavy = (0..<60).map { _ in noise.heavyTailed() }
            if try !ChangePoints(heavy).changes.isEmpty { found.heavy += 1 }
        }
        // The best of 55 cuts is tested at 0.001, so that some per cent of the series have one.
        #expect((1...24).contains(found.normal), "\(found.normal) of 400")
        #expect((1...24).contains(found.heavy), "\(found.heavy) of 400")
    }

    @Test("a new value among its like has the t of a prediction interval")
    func next() throws {
        let test = try StudentT.next(12, after: [9, 10, 11])
        #expect(near(test.estimate, 2, 1e-12))
        #expect(near(test.standardError, (4.0 / 3).squareRoot(), 1e-12))
        #expect(test.degreesOfFreedom == 2)
        #expect(try StudentT.next(1, after: [1, 1]).p == 1)
        #expect(throws: StatisticsError.self) { try StudentT.next(1, after: [1]) }
        #expect(throws: StatisticsError.self) { try StudentT.next(.infinity, after: [1, 2]) }
    }

    @Test("series without noise, short and empty ones")
    func edges() throws {
        #expect(try ChangePoints([1, 1, 1, 2, 2, 2]).changes.map(\.index) == [3])
        #expect(try ChangePoints([Double](repeating: 3, count: 30)).changes.isEmpty)
        #expect(try ChangePoints([]).changes.isEmpty)
        #expect(try ChangePoints([1, 9, 1]).changes.isEmpty)
        #expect(try ChangePoints([1, 1, 9, 9, 9]).changes.isEmpty)
        #expect(throws: StatisticsError.notFinite(index: 2)) { try ChangePoints([1, 2, .nan]) }
    }
}
