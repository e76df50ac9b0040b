// SPDX-License-Identifier: GPL-3.0-or-later

/// Which slices' latency counts: that of no warm-up and of no void round.
struct CountedSlices: Sendable {
    /// By the cells' places, the first block that may count.
    private let firstBlocks: [Int]
    /// The rounds that do not count.
    private let voidRounds: Set<Int>

    /// - Parameter firstBlocks: by cell, where a warm-up was extended.
    init(
        _ header: JournalHeader, _ firstBlocks: [String: Int] = [:], _ voidRounds: [RoundVoid] = []
    ) {
        self.firstBlocks = header.suite.cells.map { firstBlocks[$0.name] ?? 0 }
        self.voidRounds = Set(voidRounds.map(\.round))
    }

    func contains(_ slice: SliceSummary) -> Bool {
        let first = firstBlocks[slice.cell]
        guard slice.isValid, !slice.isWarmup, (slice.block ?? first) >= first else { return false }
        guard !voidRounds.isEmpty, let round = slice.round else { return true }
        return !voidRounds.contains(round)
    }
}
