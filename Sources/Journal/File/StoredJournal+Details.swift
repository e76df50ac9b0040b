// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol

/// Whose latency a distribution is.
public struct LatencySource: Hashable, Sendable {
    /// The cell's place in the suite.
    public var place: Int
    /// The arm; absent where there is only one.
    public var arm: Arm?
    /// The kind of operation: `write`, `read` and so on.
    public var track: String

    /// A source.
    public init(place: Int, arm: Arm?, track: String) {
        self.place = place
        self.arm = arm
        self.track = track
    }
}

extension StoredJournal {
    /// Bytes of details whose distributions are all added up; of more an even share of the blocks
    /// is, since the sum of some thousand distributions is no better for ten thousand more.
    public static let wholeSize = 256 << 20
    /// Slices whose details are worth a thread.
    private static let leastPart = 2_000

    /// What was measured in these slices beside their summaries; those without a detail are left
    /// out.
    ///
    /// - Throws: `failure` when the journal cannot be read.
    public func details(of slices: [SliceSummary]) throws(PlumblineError) -> [SliceDetail] {
        var details: [SliceDetail] = []
        try store.read(slices.compactMap(\.detail)) { (_, line) throws(PlumblineError) in
            details.append(try LineCodec.decode(SliceDetail.self, from: line))
        }
        return details
    }

    /// Latency over the slices that count, warm-ups and void rounds left out.
    ///
    /// - Parameters:
    ///   - units: for each cell, by the number of a block, the unit whose tail it belongs to, in the
    ///     order of the units; empty where no tails are wanted.
    ///   - wholeSize: up to how many bytes all distributions are added up; of more, one in `share`
    ///     blocks is, while mean and ends are still those of all.
    /// - Throws: `failure` when the journal cannot be read.
    public func latencies(
        units: [[Int: Int]] = [], wholeSize: Int = Self.wholeSize
    ) throws(PlumblineError) -> (sums: [LatencySource: LatencySum], share: Int) {
        let counted = slices.filter { $0.detail != nil && counts($0) }
        let size = counted.reduce(0) { $0 + ($1.detail?.count ?? 0) }
        let share = max(1, (size + wholeSize - 1) / wholeSize)
        let parts = max(
            1, min((try? CPUSet.allowed().count) ?? 1, counted.count / Self.leastPart))
        let answers = Parallel.map(parts) { part in
            Result { () throws(PlumblineError) in
                try latencies(
                    of: counted[counted.count * part / parts..<counted.count * (part + 1) / parts],
                    units: units, share: share)
            }
        }
        var sums: [LatencySource: LatencySum] = [:]
        for answer in answers {
            for (source, sum) in try answer.get() { sums[source, default: .init()].add(sum) }
        }
        return (sums, share)
    }

    private func latencies(
        of slices: ArraySlice<SliceSummary>, units: [[Int: Int]], share: Int
    ) throws(PlumblineError) -> [LatencySource: LatencySum] {
        var sums: [LatencySource: LatencySum] = [:]
        try store.read(slices.compactMap(\.detail)) { (number, line) throws(PlumblineError) in
            let slice = slices[slices.startIndex + number]
            let countsValues = (slice.block ?? slice.number) % share == 0
            let unit = units.isEmpty ? nil : slice.block.flatMap { units[slice.place][$0] }
            SliceDetail.eachDistribution(in: line) { track, text in
                let source = LatencySource(place: slice.place, arm: slice.arm, track: track)
                sums[source, default: .init()].add(
                    LatencyText(text), countsValues: countsValues, unit: unit)
            }
        }
        for source in sums.keys { sums[source]?.finish() }
        return sums
    }
}
