// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension JournalHeader {
    /// Cells of a suite with all their controls.
    private static let cellLimit = 100_000
    /// Slices, blocks or rounds.
    private static let countLimit = 10_000_000
    /// A plan has eight at most. The time to compute the bounds grows faster than their number.
    private static let lookLimit = 16

    /// Refuses numbers that no plan has, and that a report would compute with.
    ///
    /// - Throws: `failure` naming the number.
    func checkLimits() throws(PlumblineError) {
        let suite = plan.suite
        try Self.check(suite.cells.count, in: 0...Self.cellLimit, "cells")
        try Self.checkCount(suite.slices, "slices")
        for time in [suite.slice, suite.guardTime, suite.warmup] {
            try Self.check(time, in: 0...Setting.longestTime, "a time")
        }
        guard let comparison = plan.comparison else { return }
        let counts = [
            comparison.blocks, comparison.mostBlocks, comparison.rounds, comparison.placeboUnits,
            plan.leastOperations, comparison.relinks?.count,
        ]
        for count in counts.compactMap({ $0 }) {
            try Self.checkCount(count, "blocks, rounds or layouts")
        }
        try Self.check(comparison.looks, in: 0...Self.lookLimit, "looks")
        try Self.check(comparison.machines?.count ?? 2, in: 2...2, "machines that swap kernels")
    }

    /// Refuses a number of slices, blocks or rounds, or the number of one.
    static func checkCount(_ value: Int, _ what: String) throws(PlumblineError) {
        try check(value, in: 0...countLimit, what)
    }

    /// Refuses a number outside of a range.
    static func check(
        _ value: Int, in range: ClosedRange<Int>, _ what: String
    ) throws(PlumblineError) {
        guard range.contains(value) else {
            throw .failure(
                "\(what): \(value) (allowed: \(range.lowerBound) to \(range.upperBound))")
        }
    }
}
