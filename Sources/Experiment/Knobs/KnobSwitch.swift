// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// Switches all knobs of a toggle to an arm, and restores them.
///
/// What a file held is in this process's undo log before it is first written, so that
/// `plumbline doctor --restore` restores it after a `kill -9`. The effect of a command is not known:
/// at the end the one of arm A runs again.
final class KnobSwitch {
    /// A switching command may take as long.
    private static let timeout = 60_000

    private let knobs: [Knob]
    private let files: [String: KnobFile]
    private let undoLog: UndoLog
    private var entries: [Int] = []
    private var hasRunCommands = false

    /// Looks at the knobs, and changes nothing.
    ///
    /// - Parameter undoLogs: the directory of undo logs.
    /// - Throws: `usage` for a file that is not there or cannot be written.
    init(_ knobs: [Knob], undoLogs: String = StateDirectory.path) throws(PlumblineError) {
        self.knobs = knobs
        var files: [String: KnobFile] = [:]
        for knob in knobs where knob.kind == .file {
            files[knob.target] = try KnobFile(knob.target)
        }
        self.files = files
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
    }

    /// Gives every knob an arm's value, the placebo's too, and reads it back.
    ///
    /// - Throws: `failure` when a knob does not take it, `interrupted`.
    func turn(to arm: Arm) throws(PlumblineError) {
        if entries.isEmpty {
            for file in files.values.sorted(by: { $0.path < $1.path }) {
                entries.append(
                    try undoLog.record(.writeBack(path: file.path, value: file.original)))
            }
        }
        for knob in knobs {
            switch knob.kind {
            case .file: try files[knob.target]?.write(knob.value(arm))
            case .command:
                hasRunCommands = true
                try Self.run(knob.value(arm))
            case .setting: break
            }
        }
    }

    /// Restores everything, the latest change first; doing it twice does no harm.
    ///
    /// - Returns: what a user should know; none when all went well.
    @discardableResult
    func restore() -> [String] {
        var notices: [String] = []
        if hasRunCommands {
            hasRunCommands = false
            for knob in knobs.reversed() where knob.kind == .command {
                do throws(PlumblineError) {
                    try Self.run(knob.a)
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

    private static func run(_ command: String) throws(PlumblineError) {
        let result: Command.Result
        do {
            result = try Command.run(["sh", "-c", command], timeoutMilliseconds: timeout)
        } catch .timedOut {
            throw .failure("the switching command '\(command)' took more than 60 s")
        } catch .interrupted {
            throw PlumblineError(.interrupted, "interrupted while switching")
        } catch {
            throw .failure("the switching command '\(command)' cannot be run: \(error)")
        }
        guard result.succeeded else {
            let said = result.output.trimmed
            throw .failure(
                "the switching command '\(command)' failed: \(words(result.exit))",
                remedy: said.isEmpty ? "" : "its output: \(said.prefix(500))")
        }
    }

    private static func words(_ exit: ChildProcess.Exit) -> String {
        switch exit {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "killed by signal \(signal)"
        }
    }
}
