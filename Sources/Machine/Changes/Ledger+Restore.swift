// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

extension Ledger {
    /// Puts back what processes that no longer run left changed, each one's newest change first.
    ///
    /// Ledgers of processes that still run are left alone. What fails stays on record for the
    /// next time.
    ///
    /// - Returns: one line for each change, in the order of undoing; none when nothing was left.
    public static func restoreAbandoned(
        in directory: String = StateDirectory.path
    ) -> [RestoredChange] {
        var restored: [RestoredChange] = []
        // What another user wrote there is no record of ours.
        guard StateDirectory.isTrusted(directory) else { return [] }
        for name in (try? SystemFile.list(directory)) ?? [] {
            guard let owner = owner(ofFile: name), !owner.isRunning else { continue }
            restored += restore("\(directory)/\(name)")
        }
        return restored
    }

    /// The process in a ledger's file name; nil for other files.
    static func owner(ofFile name: String) -> ProcessIdentity? {
        guard name.hasPrefix("ledger-"), name.hasSuffix(".jsonl") else { return nil }
        let parts = name.dropFirst(7).dropLast(6).split(separator: "-")
        guard parts.count == 2, let id = Int32(parts[0]), let start = UInt64(parts[1]) else {
            return nil
        }
        return ProcessIdentity(id: id, startTime: start)
    }

    private static func restore(_ path: String) -> [RestoredChange] {
        // The lock keeps two restores apart; the one that comes second has nothing to do.
        guard let file = try? Descriptor.open(path, [.readWrite, .append]),
            (try? file.lockExclusively()) != nil,
            let bytes = try? file.readAll()
        else { return [] }
        var restored: [RestoredChange] = []
        for entry in LedgerLine.unsettled(in: String(decoding: bytes, as: UTF8.self)) {
            let outcome = entry.undo.perform()
            restored.append(RestoredChange(undo: entry.undo, outcome: outcome))
            if outcome.isSettled {
                // The torn line that may come before must not swallow this one.
                try? file.writeAll("\n" + LedgerLine(settled: entry.number).text)
            }
        }
        if restored.allSatisfy(\.outcome.isSettled) { try? SystemFile.unlink(path) }
        return restored
    }
}
