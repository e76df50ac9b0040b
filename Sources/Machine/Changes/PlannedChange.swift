// SPDX-License-Identifier: GPL-3.0-or-later

/// A change of the machine that a run would make, for `--dry-run`.
///
/// What makes changes says which ones beside the code that makes them, in the same order; tests
/// hold both against each other by the undo log.
public struct PlannedChange: Sendable, Equatable {
    /// What is done.
    public let action: String
    /// How it is undone; nil for what stays or leaves nothing.
    public let undo: Undo.Kind?

    /// A change.
    package init(_ action: String, undo: Undo.Kind? = nil) {
        self.action = action
        self.undo = undo
    }
}

extension PlannedChange: CustomStringConvertible {
    /// One line for a user.
    public var description: String { undo.map { "\(action); at the end: \($0.words)" } ?? action }
}
