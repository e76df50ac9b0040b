// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Journal
import Protocol

/// A journal's latency by cell, arm and kind of operation, over the slices that count.
package struct LatencyTable {
    /// One kind of operation.
    package typealias Track = (track: String, record: LatencyRecord)

    private let sums: [LatencySource: LatencyTotal]
    /// What a person should know of them.
    package let warnings: [String]

    /// Adds a journal's distributions up.
    ///
    /// - Parameter comparesTails: whether the tails of units are to be compared.
    /// - Throws: `failure` when the journal cannot be read.
    package init(
        _ journal: StoredJournal, comparesTails: Bool = false
    ) throws(PlumblineError) {
        let roundBlocks = journal.header.plan.roundBlocks
        func units(_ slices: [SliceSummary], _ place: Int) -> [Int: Int] {
            TailUnits.map(journal.blocks(of: slices, at: place), roundBlocks: roundBlocks)
        }
        let (sums, share) = try journal.latencies(units: comparesTails ? units : nil)
        self.sums = sums
        warnings =
            share > 1
            ? ["the journal is large: latency percentiles come from one block in \(share)"] : []
    }

    /// One arm's latency by kind of operation: writes first, then reads, then others by name.
    package func tracks(_ place: Int, _ arm: Arm?) -> [Track] {
        let order = ["write": 0, "read": 1]
        return sums.keys.filter { $0.place == place && $0.arm == arm }
            .sorted { (order[$0.track] ?? 2, $0.track) < (order[$1.track] ?? 2, $1.track) }
            .compactMap { source in sums[source]?.record.map { (source.track, $0) } }
    }

    /// Each unit's latencies, by kind of operation in the order of `tracks`.
    func units(_ place: Int, _ arm: Arm?) -> [[UnitTail]] {
        tracks(place, arm).map {
            sums[LatencySource(place: place, arm: arm, track: $0.track)]?.tails ?? []
        }
    }

    /// Each unit's ln B − ln A of the mean latency of writes; nil without at least five units.
    func writeRatios(_ place: Int) -> [Double]? {
        let arms = Arm.allCases.map {
            sums[LatencySource(place: place, arm: $0, track: "write")]?.tails ?? []
        }
        let (a, b) = (arms[0], arms[1])
        guard a.count >= TailUnits.least, a.map(\.unit) == b.map(\.unit),
            (a + b).allSatisfy({ $0.mean > 0 })
        else { return nil }
        return zip(a, b).map { log($1.mean / $0.mean) }
    }

    /// How the tails of a cell's latencies differ.
    ///
    /// - Parameters:
    ///   - arms: `tracks` of A and of B.
    ///   - alpha: the level that the cell's quantiles share.
    func tails(_ place: Int, of arms: [[Track]], alpha: Double) -> [TailChange] {
        let tracks = zip(arms[0], arms[1]).compactMap { a, b -> TailTrack? in
            guard a.track == b.track else { return nil }
            let sources = Arm.allCases.map { LatencySource(place: place, arm: $0, track: a.track) }
            return TailTrack(
                name: a.track, records: [a.record, b.record],
                tails: sources.map { sums[$0]?.tails ?? [] })
        }
        return TailChange.all(tracks, alpha: alpha)
    }
}
