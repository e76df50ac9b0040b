// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine

/// What a probe finds where it runs.
package struct ProbeHost {
    /// Where every change is on record.
    package let undoLog: UndoLog
    /// The clock of timed operations.
    package let clock: FastClock
    /// Seeds the data that is moved.
    package let seed: UInt64
    /// Whether nothing but the agent uses the machine, as in a guest.
    package let isAlone: Bool
    /// Storage by its description; it stays until the agent ends.
    let storage: (StorageSpec) throws(PlumblineError) -> PreparedStorage?
    /// To be called often by what takes a while; throws `interrupted` once nobody waits any more.
    let check: () throws(PlumblineError) -> Void

    /// A machine with its undo log.
    package init(
        undoLog: UndoLog, clock: FastClock, seed: UInt64, isAlone: Bool,
        storage: @escaping (StorageSpec) throws(PlumblineError) -> PreparedStorage?,
        check: @escaping () throws(PlumblineError) -> Void
    ) {
        self.undoLog = undoLog
        self.clock = clock
        self.seed = seed
        self.isAlone = isAlone
        self.storage = storage
        self.check = check
    }

    /// Runs `body` with a trace instance, which is removed at its end.
    func tracing<Value>(
        _ body: (TraceInstance) throws(PlumblineError) -> Value
    ) throws(PlumblineError) -> Value {
        let instance = try TraceInstance(changes: ChangeStack(undoLog))
        defer { instance.close() }
        return try body(instance)
    }
}
