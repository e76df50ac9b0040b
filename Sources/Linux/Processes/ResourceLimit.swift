// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A limit of this process (`getrlimit(2)`).
public enum ResourceLimit: Sendable, CaseIterable {
    /// One more than the highest descriptor number (`RLIMIT_NOFILE`).
    case openFiles
    /// Bytes that may be locked in memory (`RLIMIT_MEMLOCK`).
    case lockedMemory

    private var raw: Int32 {
        switch self {
        case .openFiles: Int32(CSHIMS_LIMIT_FILES)
        case .lockedMemory: Int32(CSHIMS_LIMIT_MEMLOCK)
        }
    }

    /// The limit that holds now and how far it may be raised, by `getrlimit(2)`.
    ///
    /// nil is no limit.
    public func current() throws(Errno) -> (soft: UInt64?, hard: UInt64?) {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        try checked(cshims_limit(raw, &soft, &hard))
        return (soft == .max ? nil : soft, hard == .max ? nil : hard)
    }

    /// Raises the limit as far as it goes, with `setrlimit(2)`.
    public func raiseToHard() throws(Errno) {
        try checked(cshims_raise_limit(raw))
    }
}
