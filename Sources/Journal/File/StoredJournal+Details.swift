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

    /// What was measured in these slices beside their summaries; those without a detail are left
    /// out.
    ///
    /// - Throws: `failure` when the journal cannot be read.
    public func details(of slices: [SliceSummary]) throws(PlumblineError) -> [SliceDetail] {
        var details: [SliceDetail] = []
        try eachDetail(of: slices) { details.append($1) }
        return details
    }

    /// Gives each of these slices to the closure with what was measured in it beside its summary;
    /// those without a detail are left out.
    ///
    /// - Throws: `failure` when the journal cannot be read.
    public func eachDetail(
        of slices: [SliceSummary], _ body: (SliceSummary, SliceDetail) -> Void
    ) throws(PlumblineError) {
        let detailed = slices.filter(\.hasDetail)
        try store.read(detailed.compactMap(\.detail)) { (number, line) throws(PlumblineError) in
            body(detailed[number], try LineCodec.decode(SliceDetail.self, from: line))
        }
    }

    /// Latency over the slices that count, warm-ups and void rounds left out.
    ///
    /// - Parameters:
    ///   - units: for the slices of the cell at a place, by the number of a block, the unit whose
    ///     tail it belongs to, in the order of the units; nil where no tails are wanted.
    ///   - wholeSize: up to how many bytes all distributions are added up; of more, one in `share`
    ///     blocks is, while mean and ends are still those of all.
    /// - Throws: `failure` when the journal cannot be read.
    public func latencies(
        units: (([SliceSummary], Int) -> [Int: Int])? = nil, wholeSize: Int = Self.wholeSize
    ) throws(PlumblineError) -> (sums: [LatencySource: LatencyTotal], share: Int) {
        let cells = header.suite.cells.count
        // A file of fewer bytes has no more of them.
        let size =
            1..<wholeSize ~= validLength
            ? 0 : Parallel.map(cells) { detailSize(of: slices(of: $0)) }.reduce(0, +)
        let share = max(1, (size + wholeSize - 1) / wholeSize)
        var sums: [LatencySource: LatencyTotal] = [:]
        var failure: PlumblineError?
        Parallel.run(cells) { place in
            Result { () throws(PlumblineError) in
                let slices = slices(of: place)
                return try latencies(
                    of: detailed(slices), units: units?(slices, place), share: share)
            }
        } take: { answer in
            switch answer {
            case .success(let tracks): for track in tracks { sums[track.source] = track.total }
            case .failure(let error): failure = error
            }
            return failure == nil
        }
        if let failure { throw failure }
        return (sums, share)
    }

    /// Those that count, the ones without a detail left out.
    private func detailed(_ slices: [SliceSummary]) -> [SliceSummary] {
        slices.filter { $0.hasDetail && counts($0) }
    }

    /// The bytes of the details of those that count.
    private func detailSize(of slices: [SliceSummary]) -> Int {
        detailed(slices).reduce(0) { $0 + ($1.detail?.count ?? 0) }
    }

    /// What the distributions of some slices of one cell add up to, by arm and kind of operation.
    private func latencies(
        of slices: [SliceSummary], units: [Int: Int]?, share: Int
    ) throws(PlumblineError) -> [(source: LatencySource, total: LatencyTotal)] {
        var sources: [LatencySource] = []
        var sums: [LatencySum] = []
        // No slice is copied, nor a sum: their strings and arrays would be counted each time.
        var (lastBlock, unit) = (Int?.none, Int?.none)
        try store.read(slices.compactMap(\.detail)) { (place, line) throws(PlumblineError) in
            let block = slices[place].block
            if block != lastBlock { (lastBlock, unit) = (block, block.flatMap { units?[$0] }) }
            let countsValues = (block ?? slices[place].number) % share == 0
            let arm = slices[place].arm
            SliceDetail.eachDistribution(in: line) { name, text in
                let known = sources.firstIndex {
                    $0.arm == arm && $0.track.utf8.elementsEqual(name)
                }
                if known == nil {
                    let track = String(decoding: name, as: UTF8.self)
                    sources.append(
                        LatencySource(place: slices[place].place, arm: arm, track: track))
                    sums.append(LatencySum())
                }
                sums[known ?? sums.count - 1].add(
                    LatencyText(text), countsValues: countsValues, unit: unit)
            }
        }
        return sources.indices.map { (sources[$0], sums[$0].finish()) }
    }
}
