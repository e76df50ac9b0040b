// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Protocol
import Verdicts

/// What a run's journal says of one cell: rates and latency over the slices that count.
public struct CellSummary: Sendable, Equatable {
    /// The median over slices, and how far they spread.
    public struct Spread: Sendable, Equatable {
        /// The median.
        public var median: Double
        /// Half the distance from the least to the greatest, as a fraction of the median; `nil`
        /// for a single slice.
        public var halfRange: Double?

        /// Sums up one value a slice; `nil` without any.
        init?(_ values: [Double]) {
            guard !values.isEmpty else { return nil }
            let sorted = values.sorted()
            let middle = sorted.count / 2
            median =
                sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
            if sorted.count > 1, median > 0 {
                halfRange = (sorted[sorted.count - 1] - sorted[0]) / 2 / median
            }
        }
    }

    /// One kind of operation.
    public struct Track: Sendable, Equatable {
        /// `write`, `read` and so on.
        public var name: String
        /// In the cell's metric, over this track's own interval.
        public var rate: Spread?
        /// Merged over the slices; absent when operations were not timed.
        public var latency: LatencyRecord?
    }

    /// The cell.
    public var plan: CellPlan
    /// What its rate is counted in.
    public var metric: CellMetric
    /// Operations a second over all tracks that make the rate.
    public var operationRate: Spread?
    /// Bytes a second over all tracks that make the rate.
    public var bandwidth: Spread?
    /// Instructions per operation, where they are what was measured.
    public var instructions: Spread?
    /// The metric of a foreign program that would be judged.
    public var value: Spread?
    /// Its other metrics.
    var told: [ToldMetric]
    /// Writes first, then reads, then others by name.
    public var tracks: [Track]
    /// Slices that count.
    public var valid: Int
    /// Why others do not: the reason's word, and how many slices it voided.
    public var voids: [String: Int]
    /// Slices that do not count.
    public var void: Int
    /// An example of each void's reason in words.
    public var voidDetails: [String: String]
    /// Direct reclaim's scans a second, where there was pressure.
    public var reclaim: Spread?
    /// Requests in flight on the storage's device, where that was read.
    public var inFlight: Spread?
    /// Whether hogs ran on the workers' CPUs.
    public var sharesCPUs: Bool
    /// Why the cell could not run.
    public var failure: JournalEvent.CellFailure?

    /// Sums up a cell's slices.
    ///
    /// - Parameter damage: why the slices' details could not be read.
    init(
        _ plan: CellPlan, _ slices: [SliceSummary], in journal: StoredJournal,
        damage: inout PlumblineError?
    ) {
        let counted = slices.filter(\.isValid)
        self.plan = plan
        metric = CellMetric(plan)
        operationRate = Spread(counted.compactMap(\.rate))
        bandwidth = Spread(counted.compactMap(\.bandwidth))
        value = Spread(counted.compactMap(\.value))
        if journal.header.metric != .time {
            let counts = journal.header.countsInstructions
            instructions = Spread(
                counted.compactMap { slice in
                    // In a guest an instruction takes a nanosecond.
                    let count = counts ? slice.instructions : slice.interval
                    return slice.operations > 0
                        ? count.map { Double($0) / Double(slice.operations) } : nil
                })
        }
        valid = counted.count
        void = slices.count - counted.count
        voids = [:]
        voidDetails = [:]
        for (reason, detail) in slices.flatMap(\.reasons) {
            voids[reason, default: 0] += 1
            voidDetails[reason] = voidDetails[reason] ?? detail
        }
        // A slice whose detail was torn counts, and its tracks are not known.
        var sums = DetailSums()
        var details: [(slice: SliceSummary, detail: SliceDetail)] = []
        let hasTold = plan.metrics.count > 1
        do {
            try journal.eachDetail(of: counted) {
                sums.add($1, of: $0)
                if hasTold { details.append(($0, $1)) }
            }
        } catch { damage = error }
        told = ToldMetric.all(of: plan, arms: 1, over: details)
        reclaim = Spread(sums.reclaims)
        inFlight = Spread(sums.inFlight)
        sharesCPUs = sums.sharesCPUs
        failure = journal.failures.last { $0.cell == plan.name }
        tracks = sums.tracks(metric)
    }
}

/// What is asked of the details of a cell's slices, added up one after the other.
private struct DetailSums {
    private struct Track {
        var operationRates: [Double] = []
        var bandwidths: [Double] = []
        var latency = LatencySum()
    }

    private(set) var reclaims: [Double] = []
    private(set) var inFlight: [Double] = []
    private(set) var sharesCPUs = false
    private var tracks: [String: Track] = [:]

    mutating func add(_ detail: SliceDetail, of slice: SliceSummary) {
        if let scanned = detail.pressure.proof["pgscan_direct"] {
            reclaims.append(Double(scanned) / Double(max(1, slice.interval)) * 1e9)
        }
        if let device = detail.evidence.device, let readings = device["readings"] {
            inFlight.append(Double(device["in_flight"] ?? 0) / Double(max(1, readings)))
        }
        if detail.pressure.sharesCPUs == true { sharesCPUs = true }
        for (name, record) in detail.tracks {
            var track = tracks.removeValue(forKey: name) ?? Track()
            if record.interval > 0 {
                let interval = Double(record.interval)
                track.operationRates.append(Double(record.operations) / interval * 1e9)
                track.bandwidths.append(Double(record.bytes) / interval * 1e9)
            }
            if let text = detail.distributions[name] { track.latency.add(text) }
            tracks[name] = track
        }
    }

    /// Writes first, then reads, then others by name.
    func tracks(_ metric: CellMetric) -> [CellSummary.Track] {
        let order = ["write": 0, "read": 1]
        let names = tracks.keys.sorted { (order[$0] ?? 2, $0) < (order[$1] ?? 2, $1) }
        return names.compactMap { name in
            tracks[name].map { track in
                CellSummary.Track(
                    name: name,
                    rate: CellSummary.Spread(
                        metric == .iops ? track.operationRates : track.bandwidths),
                    latency: track.latency.record)
            }
        }
    }
}
