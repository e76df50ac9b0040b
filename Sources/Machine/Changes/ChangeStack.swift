// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import SystemPackage

/// Changes that belong together: made in order, put back in reverse.
public final class ChangeStack {
    /// Where the changes are on record.
    public let ledger: Ledger
    /// Called often by whatever takes a while, in making a change and in putting one back.
    public let pulse: () -> Void
    private var numbers: [Int] = []

    /// No changes as yet.
    public init(_ ledger: Ledger, pulse: @escaping () -> Void = {}) {
        self.ledger = ledger
        self.pulse = pulse
    }

    /// Puts a change on record and makes it; one that fails is put back at once, which takes
    /// care of one that was half made.
    ///
    /// - Returns: the entry's number in the ledger.
    /// - Throws: what `change` throws, and `failure` when the ledger cannot be written.
    @discardableResult
    public func make(
        _ undo: Undo, _ change: () throws(PlumblineError) -> Void
    ) throws(PlumblineError) -> Int {
        let number = try ledger.record(undo)
        do {
            try change()
        } catch {
            _ = ledger.undo(number, pulse: pulse)
            throw error
        }
        numbers.append(number)
        return number
    }

    /// Puts one of the changes back before its turn.
    @discardableResult
    public func undo(_ number: Int) -> UndoOutcome {
        numbers.removeAll { $0 == number }
        return ledger.undo(number, pulse: pulse)
    }

    /// Puts everything back, newest first; what fails stays in the ledger.
    ///
    /// - Returns: what a user should know; none when all went well.
    @discardableResult
    public func undoAll() -> [String] {
        var notices: [String] = []
        ledger.killHelpers(of: numbers)
        while let number = numbers.popLast() {
            if let notice = ledger.undo(number, pulse: pulse).notice { notices.append(notice) }
        }
        return notices
    }
}

/// Runs system calls and turns their `Errno` into an error for the user.
///
/// - Throws: `interrupted` when a signal ended a call; else `failure` with `what`, the errno's text
///   and `remedy`.
public func attempting<T: ~Copyable>(
    _ what: @autoclosure () -> String, remedy: @autoclosure () -> String = "",
    _ body: () throws(Errno) -> T
) throws(PlumblineError) -> T {
    do {
        return try body()
    } catch {
        if error == .interrupted { throw PlumblineError(.interrupted, "interrupted") }
        throw .failure("\(what()): \(error)", remedy: remedy())
    }
}
