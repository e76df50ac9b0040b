// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import GRDB

/// The experiments of a user in a file of SQLite.
///
/// Several processes may use one file at once: a writer waits for another one, and readers wait
/// for nobody (SQLite's write-ahead log).
package struct HistoryStore: Sendable {
    /// What a command does with it.
    package enum Access: Sendable {
        /// Reads a store that exists.
        case reading
        /// Adds to it; makes the file, and the directories above it, where there is none.
        case adding
    }

    /// How long a command waits for another one that writes, seconds.
    package static let patience = 10.0

    /// The file.
    package let path: String
    private let queue: DatabaseQueue
    private let failures: HistoryFailure

    /// Opens a file, and brings an older store to this version's tables.
    ///
    /// - Parameter patience: how long it waits for other processes, seconds.
    /// - Throws: `usage` when there is no store to read; `failure` for what is no store, is newer,
    ///   is locked, or can be neither read nor made.
    package init(
        _ path: String, for access: Access, patience: Double = Self.patience
    ) throws(PlumblineError) {
        let failures = HistoryFailure(path: path, patience: patience)
        try Self.prepare(path, for: access)
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience)
        // Two processes that make a store at the same time must not both make its tables.
        queue = try failures.translating { [configuration] in
            try Self.withLock(besides: path, patience: patience) {
                let queue = try DatabaseQueue(path: path, configuration: configuration)
                try HistorySchema.settle(queue, path: path)
                return queue
            }
        }
        self.path = path
        self.failures = failures
    }

    /// Reads the database as it is at one moment.
    func reading<Value>(_ body: (Database) throws -> Value) throws(PlumblineError) -> Value {
        try failures.translating { try queue.read(body) }
    }

    /// Changes the database in one transaction, as a whole or not at all.
    func writing<Value>(_ body: (Database) throws -> Value) throws(PlumblineError) -> Value {
        try failures.translating { try queue.write(body) }
    }
}
