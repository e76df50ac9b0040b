// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Machine

/// The ledgers of processes that ended without putting back what they had changed.
public enum AbandonedLedgers {
    /// Whose they are.
    public static func owners(
        in directory: String = StateDirectory.path
    ) -> [ProcessIdentity] {
        ((try? SystemFile.list(directory)) ?? []).compactMap(owner).filter { !$0.isRunning }
    }

    /// Puts back what one process left, unless others left something too: what is not ours is put
    /// back on demand alone.
    ///
    /// - Returns: what a user should know, in lines; none where it left nothing.
    package static func restore(after process: Int32, in directory: String) -> [String] {
        let owners = owners(in: directory)
        guard owners.contains(where: { $0.id == process }) else { return [] }
        guard owners.allSatisfy({ $0.id == process }) else {
            return [
                "it left changes on this machine, as other killed runs did; put back all of "
                    + "them with: plumbline doctor --restore"
            ]
        }
        return Ledger.restoreAbandoned(in: directory).map { "put back after it: \($0)" }
    }

    /// The process in a ledger's file name, `ledger-<pid>-<start time>.jsonl`.
    private static func owner(ofFile name: String) -> ProcessIdentity? {
        guard let match = name.wholeMatch(of: #/ledger-(\d+)-(\d+)\.jsonl/#),
            let id = Int32(match.1), let start = UInt64(match.2)
        else { return nil }
        return ProcessIdentity(id: id, startTime: start)
    }
}
