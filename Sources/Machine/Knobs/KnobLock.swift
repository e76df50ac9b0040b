// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// The right of one process to switch a file of the kernel, until the value goes or the process ends.
///
/// It is the lock of the file itself, flock(2), which holds off other plumblines only.
package final class KnobLock: Sendable {
    /// How long the lock is waited for, milliseconds: workers of an agent that was killed have it
    /// until they end.
    private static let patience = 5000
    /// How long it is tried to restore what a killed run left, nanoseconds.
    private static let restoreLimit: UInt64 = 3_000_000_000

    private let file: Descriptor

    /// Takes the lock of a file; nil where it cannot be opened, for which `KnobFile` has the words.
    ///
    /// What a killed run left is restored first: else its value would be restored at the end.
    ///
    /// - Parameter undoLogs: the directory of undo logs.
    /// - Throws: `failure` when another plumbline has it, or when the value that a killed run left
    ///   cannot be restored.
    package init?(_ path: String, undoLogs: String) throws(PlumblineError) {
        guard let file = try? Descriptor.open(path, [.read, .nonblocking]) else { return nil }
        do {
            try file.lockExclusively(withinMilliseconds: Self.patience)
        } catch .wouldBlock {
            throw .failure(
                "the knob \(path) is switched by another plumbline",
                remedy: "wait until that one has ended")
        } catch {
            throw .failure("the knob \(path) cannot be locked: \(error)")
        }
        self.file = file
        try Self.restore(path, undoLogs)
    }

    /// Waits for another process that restores it just now.
    private static func restore(_ path: String, _ undoLogs: String) throws(PlumblineError) {
        let end = Clock.monotonicNanoseconds() + restoreLimit
        while isAbandoned(path, undoLogs) {
            guard Clock.monotonicNanoseconds() < end else {
                throw .failure(
                    "the knob \(path) holds what a killed run gave it, and cannot be restored",
                    remedy: "see plumbline doctor --restore")
            }
            let restored = UndoLog.restore(writersOf: path, in: undoLogs)
            if restored.isEmpty || !restored.allSatisfy(\.outcome.isSettled) {
                try? Clock.sleep(nanoseconds: 20_000_000)
            }
        }
    }

    private static func isAbandoned(_ path: String, _ undoLogs: String) -> Bool {
        UndoLog.abandonedChanges(in: undoLogs).contains { $0.writesBack(to: path) }
    }
}
