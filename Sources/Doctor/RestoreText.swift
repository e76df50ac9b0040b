// SPDX-License-Identifier: GPL-3.0-or-later

import Machine

/// What `plumbline doctor --restore` says of what killed runs left.
package struct RestoreText: Sendable, Equatable {
    package let lines: [String]
    /// 1 when something is still changed, else 0.
    package let exitCode: Int32

    package init(_ changes: [RestoredChange], isRoot: Bool) {
        let nothing = isRoot ? "nothing to restore" : "nothing of yours to restore"
        lines =
            (changes.isEmpty ? [nothing] : changes.map(Self.line))
            + (isRoot ? [] : ["to restore what root's runs left: sudo plumbline doctor --restore"])
        exitCode = changes.allSatisfy(\.outcome.isSettled) ? 0 : 1
    }

    private static func line(_ change: RestoredChange) -> String {
        switch change.outcome {
        case .done: "restored: \(change.undo)"
        case .doneWithNotice(let notice): "restored: \(change.undo) (\(notice))"
        case .alreadyGone: "already gone: \(change.undo)"
        case .failed(let why): "failed: \(change.undo): \(why)"
        }
    }
}
