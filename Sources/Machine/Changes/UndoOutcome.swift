// SPDX-License-Identifier: GPL-3.0-or-later

/// What came of putting one change back.
public enum UndoOutcome: Sendable, Equatable {
    /// It was put back.
    case done
    /// It was put back, though not as it should be.
    case doneWithNotice(String)
    /// Nothing was left to put back.
    case alreadyGone
    /// It is still there, and why.
    case failed(String)

    /// Whether nothing is left of the change.
    public var isSettled: Bool {
        if case .failed = self { false } else { true }
    }

    /// What a user should know; nil when all is well.
    public var notice: String? {
        switch self {
        case .done, .alreadyGone: nil
        case .doneWithNotice(let text), .failed(let text): text
        }
    }
}

/// One change of a dead process, and what came of putting it back.
public struct RestoredChange: Sendable, Equatable, CustomStringConvertible {
    /// What was to be put back.
    public let undo: Undo
    /// What came of it.
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
