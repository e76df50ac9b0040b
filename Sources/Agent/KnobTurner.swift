// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol

/// Gives knobs of this kernel the values of an arm, and tells which one was changed since.
///
/// It works between slices only. In a guest it first waits until no CPU runs anything else: QEMU's
/// emulator may run code that another CPU is just patching, which ends in `Oops: int3`.
final class KnobTurner {
    /// How long it waits for the other CPUs, nanoseconds.
    private static let longestWait: UInt64 = 5_000_000_000

    private let undoLog: UndoLog
    private let isAlone: Bool
    private var files: [String: (file: KnobFile, value: String, entry: Int)] = [:]
    private var locks: [KnobLock] = []
    /// The commands that run at the end, in the order of their knobs.
    private var last: [String] = []

    /// - Parameter isAlone: whether nothing but this agent uses the machine, as in a guest.
    init(undoLog: UndoLog, isAlone: Bool) {
        self.undoLog = undoLog
        self.isAlone = isAlone
    }

    /// Gives knobs their values and reads each back.
    ///
    /// - Returns: why nothing was turned, where the machine does not come to rest.
    /// - Throws: `usage` for a file that is absent or cannot be read or written; `failure` for a
    ///   value that is not taken, a file that another process switches or a command that fails;
    ///   `interrupted`.
    func turn(_ knobs: [TurnOrder.Knob], pulse: () -> Void) throws(PlumblineError) -> String? {
        if isAlone, let running = try awaitRest(pulse) {
            return "\(running) tasks run between slices, and a knob is switched at rest only"
        }
        last = knobs.compactMap(\.last)
        for knob in knobs {
            switch knob.kind {
            case .file: try write(knob.value, to: knob.target)
            case .command:
                try KnobCommand.run(knob.value, hint: Self.commands, pulse: pulse)
            case .setting:
                throw .usage("the setting \(knob.target) cannot be turned: it belongs to a cell")
            }
        }
        return nil
    }

    /// A knob that no longer holds the value it was given, in words; nil while all do.
    var change: String? {
        for (path, knob) in files.sorted(by: { $0.key < $1.key }) {
            guard let other = knob.file.value(otherThan: knob.value) else { continue }
            return "\(path) was set to '\(knob.value)' and holds '\(other)'"
        }
        return nil
    }

    /// Runs the last commands, and restores what the files held; doing it twice does no harm.
    ///
    /// - Returns: what a user should know; none when all went well.
    func restore() -> [String] {
        let commands = last.reversed()
        last = []
        let failures = commands.compactMap { command -> String? in
            do throws(PlumblineError) {
                try KnobCommand.run(command)
                return nil
            } catch {
                return "the state of arm A was not restored: \(error.message)"
            }
        }
        let entries = files.values.map(\.entry).sorted(by: >)
        files = [:]
        defer { locks = [] }
        return failures + entries.compactMap { undoLog.undo($0).notice }
    }

    private func write(_ value: String, to path: String) throws(PlumblineError) {
        if files[path] == nil {
            if let lock = try KnobLock(path, undoLogs: undoLog.directory) { locks.append(lock) }
            let file = try KnobFile(path)
            let undo = Undo.writeBack(path: path, value: file.original)
            files[path] = (file, value, try undoLog.record(undo))
        }
        files[path]?.value = value
        try files[path]?.file.write(value)
    }

    /// Waits until this task is the only one that runs.
    ///
    /// - Returns: the others, when there are still some after the longest wait.
    private func awaitRest(_ pulse: () -> Void) throws(PlumblineError) -> Int? {
        let deadline = Clock.monotonicNanoseconds() + Self.longestWait
        while let others = Self.othersRunning, others > 0 {
            guard Clock.monotonicNanoseconds() < deadline else { return others }
            pulse()
            do { try Clock.sleep(nanoseconds: 1_000_000) } catch {
                throw PlumblineError(.interrupted, "interrupted while switching")
            }
        }
        return nil
    }

    /// The tasks that are on a CPU or wait for one, this one left out: proc_loadavg(5).
    static var othersRunning: Int? {
        guard let text = try? SystemFile.read("/proc/loadavg"),
            let field = text.words.dropFirst(3).first, let slash = field.firstIndex(of: "/"),
            let running = Int(field[..<slash])
        else { return nil }
        return running - 1
    }

    /// What a guest can run, for the error of a command that it cannot.
    private static var commands: String {
        let programs = ((try? SystemFile.list("/sbin")) ?? []).sorted().joined(separator: ", ")
        return "programs of this machine: \(programs); `echo VALUE >FILE` sets a file"
    }
}
