// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// Switches all knobs of a toggle to an arm, and restores them.
///
/// What a file held is in this process's undo log before it is first written, so that the agent or
/// `plumbline doctor --restore` restores it after a `kill -9`. The effect of a command is not known:
/// at the end the one of arm A runs again.
final class KnobSwitch {
    /// How often a value is written where another program writes the same file.
    private static let attempts = 5

    private let knobs: [Knob]
    private let files: [String: KnobFile]
    private let locks: [KnobLock]
    private let undoLog: UndoLog
    private var entries: [Int] = []
    private var hasRunCommands = false
    /// Whether every file has taken both values.
    private var isRehearsed = false
    /// What each file was given last.
    private var values: [String: String] = [:]

    /// Looks at the knobs and locks them, and changes nothing, except that it restores what a killed
    /// run left of them.
    ///
    /// - Parameter undoLogs: the directory of undo logs.
    /// - Throws: `usage` for a file that is not there or cannot be written; `failure` for one that
    ///   another plumbline switches.
    init(_ knobs: [Knob], undoLogs: String = StateDirectory.path) throws(PlumblineError) {
        self.knobs = knobs
        var files: [String: KnobFile] = [:]
        var locks: [KnobLock] = []
        for knob in knobs where knob.kind == .file {
            if let lock = try KnobLock(knob.target, undoLogs: undoLogs) { locks.append(lock) }
            files[knob.target] = try KnobFile(knob.target)
        }
        self.files = files
        self.locks = locks
        undoLog = try UndoLog(directory: undoLogs)
    }

    deinit { restore() }

    /// Has every knob take both values once, so that one that does not is found before anything
    /// is measured; ends at arm A.
    ///
    /// - Throws: `failure` naming the value written and the one read back.
    func rehearse() throws(PlumblineError) {
        try turn(to: .b)
        try turn(to: .a)
        isRehearsed = true
    }

    /// A file that no longer holds the value it was given, in words; nil while all do.
    var change: String? {
        for (path, value) in values.sorted(by: { $0.key < $1.key }) {
            guard let other = files[path]?.value(otherThan: value) else { continue }
            return "\(path) was set to '\(value)' and holds '\(other)'"
        }
        return nil
    }

    /// Gives every knob an arm's value, the placebo's too, and reads it back.
    ///
    /// - Throws: `failure` when a knob does not take it or another process switches it,
    ///   `interrupted`.
    func turn(to arm: Arm) throws(PlumblineError) {
        if entries.isEmpty {
            for file in files.values.sorted(by: { $0.path < $1.path }) {
                entries.append(
                    try undoLog.record(.writeBack(path: file.path, value: file.original)))
            }
        }
        for knob in knobs {
            switch knob.kind {
            case .file: try write(knob.value(arm), to: knob.target)
            case .command:
                hasRunCommands = true
                try KnobCommand.run(knob.value(arm))
            case .setting: break
            }
        }
    }

    private func write(_ value: String, to path: String) throws(PlumblineError) {
        values[path] = value
        for _ in 1..<Self.attempts where isRehearsed {
            if (try? files[path]?.write(value)) != nil { return }
            try? Clock.sleep(nanoseconds: 1_000_000)
        }
        do { try files[path]?.write(value) } catch {
            guard isRehearsed else { throw error }
            throw .failure(
                "\(error.message) (it took this value before)",
                remedy: "another program changes it or what is mounted there: stop that program; "
                    + "--resume goes on with the journal")
        }
    }

    /// Restores everything, the latest change first; doing it twice does no harm.
    ///
    /// - Returns: what a user should know; none when all went well.
    @discardableResult
    func restore() -> [String] {
        var notices: [String] = []
        values = [:]
        if hasRunCommands {
            hasRunCommands = false
            for knob in knobs.reversed() where knob.kind == .command {
                do throws(PlumblineError) {
                    try KnobCommand.run(knob.a)
                } catch {
                    notices.append("the state of arm A was not restored: \(error.message)")
                }
            }
        }
        for entry in entries.reversed() {
            let undo = undoLog.pending.last
            if let notice = undoLog.undo(entry).notice {
                notices.append("\(undo.map { "\($0)" } ?? "restoring"): \(notice)")
            }
        }
        entries = []
        return notices
    }
}
