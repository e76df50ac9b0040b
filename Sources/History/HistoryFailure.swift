// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import GRDB

/// Tells SQLite's errors as those of the store, with what to do.
struct HistoryFailure {
    /// The store's file.
    let path: String
    /// How long it waits for other processes, seconds.
    let patience: Double

    /// Runs `body`.
    ///
    /// - Throws: `failure` for SQLite's errors; those of the tool as they are.
    func translating<Value>(_ body: () throws -> Value) throws(PlumblineError) -> Value {
        do {
            return try body()
        } catch let error as PlumblineError {
            throw error
        } catch let error as DatabaseError {
            throw failure(error)
        } catch {
            throw damaged("\(error)")
        }
    }

    /// Another process keeps the store to itself.
    var locked: PlumblineError {
        .failure(
            "\(path): another process has locked it for \(Decimal.significant(patience, 2)) s",
            remedy: "try again when that has ended; `fuser \(path)` names it")
    }

    private func failure(_ error: DatabaseError) -> PlumblineError {
        let words = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return locked
        case .SQLITE_NOTADB:
            return .failure(
                "\(path): it is not a history of plumbline, or it is damaged: \(words)",
                remedy: "name another file by --store, or restore this one from a copy")
        case .SQLITE_CORRUPT, .SQLITE_FORMAT: return damaged(words)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
            return .failure(
                "\(path): it is read-only, or cannot be opened: \(words)",
                remedy: "change its permissions; reading too needs to write to its directory, "
                    + "where SQLite keeps its log; or copy it, and name the copy by --store")
        case .SQLITE_FULL:
            return .failure(
                "\(path): no space left: nothing of this command was kept",
                remedy: "make room on its file system, or name another file by --store")
        case .SQLITE_IOERR:
            return .failure(
                "\(path): an error of its file system: \(words); nothing of this command was kept",
                remedy: "look for room on it, and in the kernel's log")
        default: return damaged(words)
        }
    }

    private func damaged(_ words: String) -> PlumblineError {
        .failure(
            "\(path): it is damaged: \(words)",
            remedy: "restore it from a copy, or move it away and add the journals again")
    }
}
