// SPDX-License-Identifier: GPL-3.0-or-later

/// An experiment as a list of a history shows it.
package struct HistoryListing: Sendable {
    /// What was measured, where and when.
    package var experiment: HistoryEntry.Experiment
    /// A and B.
    package var arms: [HistoryEntry.Arm]
    /// How many cells have each verdict.
    package var verdicts: [String: Int]

    /// An experiment.
    package init(
        experiment: HistoryEntry.Experiment, arms: [HistoryEntry.Arm], verdicts: [String: Int]
    ) {
        self.experiment = experiment
        self.arms = arms
        self.verdicts = verdicts
    }
}
