// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import SystemPackage

/// Changes of the machine that belong together: made in order, undone in reverse.
public final class ChangeStack {
    /// Where the changes are recorded.
    public let undoLog: UndoLog
    /// Called at least every 50 ms while a change is made or undone.
    public let pulse: () -> Void
    private var numbers: [Int] = []

    /// A stack without changes.
    public init(_ undoLog: UndoLog, pulse: @escaping () -> Void = {}) {
        self.undoLog = undoLog
        self.pulse = pulse
    }

    /// Records a change and makes it; a change that fails half-way is undone at once.
    ///
    /// - Returns: the entry's number in the undo log.
    /// - Throws: the error of `change`, and `failure` when the undo log cannot be written.
    @discardableResult
    public func make(
        _ undo: Undo, _ change: () throws(PlumblineError) -> Void = {}
    ) throws(PlumblineError) -> Int {
        let number = try undoLog.record(undo)
        do {
            try change()
        } catch {
            _ = undoLog.undo(number, pulse: pulse)
            throw error
        }
        numbers.append(number)
        return number
    }

    /// Records a change and makes it by system calls.
    ///
    /// - Throws: as `attempting` does with `failure` and `remedy`.
    @discardableResult
    func make(
        _ undo: Undo, failure: @autoclosure () -> String, remedy: @autoclosure () -> String = "",
        _ change: () throws(Errno) -> Void
    ) throws(PlumblineError) -> Int {
        try make(undo) { () throws(PlumblineError) in
            try attempting(failure(), remedy: remedy(), change)
        }
    }

    /// Undoes one of the changes before its turn.
    @discardableResult
    public func undo(_ number: Int) -> UndoOutcome {
        numbers.removeAll { $0 == number }
        return undoLog.undo(number, pulse: pulse)
    }

    /// Undoes all changes, newest first; a change that cannot be undone stays in the undo log.
    ///
    /// - Returns: notices for the user; none when all went well.
    @discardableResult
    public func undoAll() -> [String] {
        undoLog.killProcesses(of: numbers)
        defer { numbers = [] }
        return numbers.reversed().compactMap { undoLog.undo($0, pulse: pulse).notice }
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
