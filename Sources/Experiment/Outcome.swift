// SPDX-License-Identifier: GPL-3.0-or-later

import Journal

/// How an experiment ended.
public struct Outcome: Sendable, Equatable {
    /// The cells that could not run.
    public var failures: [JournalEvent.CellFailure] = []
    /// Whether a signal ended it.
    public var interrupted = false

    /// Whether everything planned ran.
    public var isComplete: Bool { failures.isEmpty && !interrupted }
}
