// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What happens during an experiment, for whoever shows it; cells have their short names.
public enum ProgressEvent: Sendable, Equatable {
    /// The agent greeted.
    case started(kernel: String, slices: Int, remaining: Duration)
    /// An arm's machine boots, or without an arm that of both.
    case booting(arm: Arm?, label: String)
    /// A round of boots begins.
    case round(number: Int, planned: Int)
    /// A slice begins: how many are done, of how many at most, which is the same in all of a run,
    /// and how long the rest may take.
    case slice(cell: String, done: Int, total: Int, remaining: Duration)
    /// A cell's block, or its round of boots, is done.
    case estimate(cell: String, CellEstimate)
    /// A slice ran and does not count, for these reasons.
    case void(cell: String, reasons: [String])
    /// A cell could not run and is left out from now on.
    case cellFailed(cell: String, error: PlumblineError)
    /// The agent has something to say.
    case note(String)
    /// A signal came; the agent undoes its changes.
    case interrupted
}
