// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// The order of a run: rounds, each of which visits every cell once, in an order by the seed.
///
/// Within a round the cells of one pressure stand together, so that the pressure is set up once a
/// round; both the order of the pressures and that of the cells in each are random and differ from
/// round to round, so that slow drift of the machine spreads over all cells.
public struct Schedule: Sendable, Equatable {
    /// One slice to run.
    public struct Visit: Sendable, Equatable, Hashable {
        /// The cell's place in the suite.
        public var cell: Int
        /// The round, which is also the number of the cell's slice, from 0.
        public var number: Int
    }

    /// Every slice in the order in which they run.
    public let visits: [Visit]

    /// The order for a suite and seed; always the same for the same two.
    public init(_ suite: SuiteRecord, seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let groups = Self.groups(suite)
        var visits: [Visit] = []
        for round in 0..<suite.slices {
            for group in generator.shuffled(groups) {
                for cell in generator.shuffled(group) {
                    visits.append(Visit(cell: cell, number: round))
                }
            }
        }
        self.visits = visits
    }

    /// How long slices, guards and warm-ups take, nanoseconds; setting up is not in it.
    public static func plannedTime(_ suite: SuiteRecord) -> Int {
        let slice = suite.slice + suite.guardTime
        let first = max(suite.warmup, suite.guardTime) - suite.guardTime
        return suite.cells.count * (suite.slices * slice + first)
    }

    /// The places of the cells by their pressures, both in the suite's order.
    static func groups(_ suite: SuiteRecord) -> [[Int]] {
        var places: [String: Int] = [:]
        var groups: [[Int]] = []
        for (index, cell) in suite.cells.enumerated() {
            let key = pressureKey(cell)
            if let place = places[key] {
                groups[place].append(index)
            } else {
                places[key] = groups.count
                groups.append([index])
            }
        }
        return groups
    }

    private static func pressureKey(_ cell: CellPlan) -> String {
        ([cell.pressure]
            + cell.pressureSettings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
            .joined(separator: ",")
    }
}
