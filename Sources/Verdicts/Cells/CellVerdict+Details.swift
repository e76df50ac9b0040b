// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal

/// A counter of the kernel in both arms.
package struct CounterRates: Sendable, Equatable {
    /// Where it was read: `workers`, `pressure`, `psi` or `vmstat`.
    package let source: String
    /// Its name there.
    package let name: String
    /// How far it went in a second of A's slices, and of B's.
    package let rates: [Double]
}

extension CellVerdict {
    /// Slices whose details are read at most: what is asked of them hardly differs.
    private static let mostDetails = 16
    /// Blocks that are enough for the counters alone.
    private static let plainBlocks = 2
    /// The counters of /proc/vmstat that tell of memory pressure.
    private static let vmstat: Set<String> = [
        "pgmajfault", "compact_stall", "pswpin", "pswpout", "pgscan_direct",
        "pgscan_kswapd", "pgsteal_direct", "pgsteal_kswapd",
    ]

    /// Takes from details what the kernels counted, where hogs ran, and how many requests were in
    /// flight.
    ///
    /// - Throws: `failure` when the journal cannot be read.
    mutating func noteDetails(
        _ blocks: [Block], of journal: StoredJournal
    ) throws(PlumblineError) {
        let depth = (try? CellDescription(plan))?.workload.queueDepth ?? 1
        if plan.metrics.count > 1 {
            let counted = blocks.filter(\.state.isCounted).flatMap(\.slices).filter(Self.hasDetail)
            let details = try journal.details(of: counted)
            told = ToldMetric.all(of: plan, arms: 2, over: Array(zip(counted, details)))
        }
        let isPlain = !plan.hasPressure && depth == 1
        let slices = isPlain ? Self.someBlocks(blocks) : Self.someSlices(blocks)
        let details = try journal.details(of: slices)
        sharesCPUs = plan.hasPressure && details.contains { $0.pressure.sharesCPUs == true }
        let devices = details.compactMap(\.evidence.device)
        let readings = devices.reduce(0) { $0 + ($1["readings"] ?? 0) }
        if depth > 1, readings > 0 {
            let sum = devices.reduce(0) { $0 + ($1["in_flight"] ?? 0) }
            inFlight = (Double(sum) / Double(readings), depth)
        }
        noteCounters(Array(zip(slices, details)))
    }

    private static func someSlices(_ blocks: [Block]) -> [SliceSummary] {
        let counted = blocks.flatMap(\.slices).filter(hasDetail)
        let step = max(1, counted.count / mostDetails)
        return stride(from: 0, to: counted.count, by: step).map { counted[$0] }
    }

    private static func someBlocks(_ blocks: [Block]) -> [SliceSummary] {
        let step = max(1, blocks.count / plainBlocks)
        return stride(from: step / 2, to: blocks.count, by: step).flatMap { blocks[$0].slices }
            .filter(hasDetail)
    }

    private static func hasDetail(_ slice: SliceSummary) -> Bool {
        slice.isValid && !slice.isWarmup && slice.hasDetail
    }

    private mutating func noteCounters(_ slices: [(slice: SliceSummary, detail: SliceDetail)]) {
        var seconds = [0.0, 0.0]
        var sums: [String: [String: [Double]]] = [:]
        for (slice, detail) in slices {
            let arm = slice.arm == .b ? 1 : 0
            seconds[arm] += Double(slice.interval) / 1e9
            let sources = [
                ("workers", detail.evidence.workers), ("pressure", detail.pressure.proof),
                ("psi", detail.evidence.psi ?? [:]),
                ("vmstat", detail.evidence.vmstat.filter { Self.vmstat.contains($0.key) }),
            ]
            for (source, counters) in sources {
                for (name, count) in counters {
                    sums[source, default: [:]][name, default: [0, 0]][arm] += Double(count)
                }
            }
        }
        guard seconds.allSatisfy({ $0 > 0 }) else { return }
        for source in ["workers", "pressure", "psi", "vmstat"] {
            for (name, counts) in (sums[source] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let rates = zip(counts, seconds).map { $0 / $1 }
                guard rates.contains(where: { $0 != 0 }) else { continue }
                counters.append(CounterRates(source: source, name: name, rates: rates))
            }
        }
    }
}
