// SPDX-License-Identifier: GPL-3.0-or-later

/// The result of undoing one change.
public enum UndoOutcome: Sendable, Equatable {
    /// The change is undone.
    case done
    /// The change is undone, with a restriction.
    case doneWithNotice(String)
    /// Nothing was left to undo.
    case alreadyGone
    /// The change is still there, with the reason.
    case failed(String)

    /// Whether nothing is left of the change.
    public var isSettled: Bool {
        if case .failed = self { false } else { true }
    }

    /// A notice for the user; nil when all is well.
    public var notice: String? {
        switch self {
        case .done, .alreadyGone: nil
        case .doneWithNotice(let text), .failed(let text): text
        }
    }
}

/// One change of a process that ended, and the result of undoing it.
public struct RestoredChange: Sendable, Equatable, CustomStringConvertible {
    /// How it was to be undone.
    public let undo: Undo
    /// The result.
    public let outcome: UndoOutcome

    /// One line for a user.
    public var description: String {
        switch outcome {
        case .done: "\(undo): done"
        case .doneWithNotice(let text): "\(undo): done, but \(text)"
        case .alreadyGone: "\(undo): already gone"
        case .failed(let why): "\(undo): failed: \(why)"
        }
    }
}
