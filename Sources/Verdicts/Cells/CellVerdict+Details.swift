// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Journal

extension CellVerdict {
    /// Slices whose details are read at most: what is asked of them hardly differs.
    private static let mostDetails = 16

    /// Takes from details where hogs ran, and how many requests were in flight.
    mutating func noteDetails(_ blocks: [Block], of journal: StoredJournal) {
        let depth = (try? CellDescription(plan))?.workload.queueDepth ?? 1
        guard plan.hasPressure || depth > 1 else { return }
        let counted = blocks.flatMap(\.slices).filter {
            $0.isValid && !$0.isWarmup && $0.hasDetail
        }
        let step = max(1, counted.count / Self.mostDetails)
        let some = stride(from: 0, to: counted.count, by: step).map { counted[$0] }
        let details = (try? journal.details(of: some)) ?? []
        sharesCPUs = details.contains { $0.pressure.sharesCPUs == true }
        let devices = details.compactMap(\.evidence.device)
        let readings = devices.reduce(0) { $0 + ($1["readings"] ?? 0) }
        if depth > 1, readings > 0 {
            let sum = devices.reduce(0) { $0 + ($1["in_flight"] ?? 0) }
            inFlight = (Double(sum) / Double(readings), depth)
        }
    }
}
