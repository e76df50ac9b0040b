// SPDX-License-Identifier: GPL-3.0-or-later

import Journal

/// How long an experiment traced the kernels, after it had measured.
public struct TracingTime: Sendable, Equatable {
    /// With boots and preparation.
    public let seconds: Double
    /// The part that it added to the experiment's other time, in percent; nil where the journal was
    /// written in several runs, or is not finished.
    public let addedPercent: Double?

    /// The time of all cells and arms; nil where none was traced, or by a version that did not record
    /// it.
    init?(_ journal: StoredJournal) {
        let times = journal.mechanisms.compactMap(\.time)
        guard !times.isEmpty else { return nil }
        let seconds = Double(times.reduce(0) { $0 &+ $1 }) / 1e9
        self.seconds = seconds
        guard let end = journal.ending?.at, journal.resumptions.isEmpty,
            end > journal.header.startedAt
        else {
            addedPercent = nil
            return
        }
        let other = Double(end - journal.header.startedAt) / 1e9 - seconds
        addedPercent = other > 0 ? 100 * seconds / other : nil
    }
}
