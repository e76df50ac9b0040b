// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Journal

struct ParallelTests {
    @Test(arguments: [0, 1, 2, 100])
    func resultsComeInTheOrderOfThePieces(count: Int) {
        #expect(Parallel.map(count) { $0 * $0 } == (0..<count).map { $0 * $0 })
    }

    @Test func nothingIsTakenBehindTheLastResult() {
        var taken: [Int] = []
        Parallel.run(100) {
            $0
        } take: { number in
            taken.append(number)
            return number < 10
        }
        #expect(taken == Array(0...10))
    }

    @Test func aNumberIsSeenOnceHoweverTheyCome() throws {
        var numbers = SliceNumbers(cells: 2)
        func slice(_ number: Int, place: Int = 1) -> SliceSummary {
            SliceSummary(Samples.slice(number: number), place: place)
        }
        let first = [0, 1, 4, 3, -1, 2, 5].map { numbers.insert(slice($0)) }
        #expect(!first.contains(false))
        let again = [0, 4, 5, 3, -1].map { numbers.insert(slice($0)) }
        #expect(!again.contains(true))
        let late = [6, 9, 9].map { numbers.insert(slice($0)) }
        #expect(late == [true, true, false])
        let elsewhere = numbers.insert(slice(0, place: 0))
        #expect(elsewhere)
    }
}
