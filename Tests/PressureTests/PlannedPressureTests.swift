// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Testing

@testable import Pressure

/// What a dry run says of a pressure, held against what the undo log records of the real one.
@Suite(.serialized, .enabled(if: ThisMachine.hasMemoryGroups, "needs root and a memory controller"))
struct PlannedPressureTests {
    @Test(
        arguments: [
            ("none", [:]), ("cgroup", ["burners": 2]), ("memcg", ["limit": .integer(32 << 20)]),
            ("memcg", ["limit": .integer(32 << 20), "swap": true, "hogs": 2]),
            ("anon", ["vm_bytes": 0.5, "hogs": 2, "swap": "32m"]), ("pagecache", ["hogs": 2]),
            ("stress-ng", ["vm_bytes": 0.5]), ("stress-ng", ["vm_bytes": 0.5, "swap": "32m"]),
        ] as [(String, [String: SettingValue])])
    func itMakesTheChangesThatItAnnounces(
        name: String, settings: [String: SettingValue]
    ) throws {
        guard settings["swap"] == nil || ThisMachine.hasZram else { return }
        let pressure = try PressureCatalogue.make(name, settings).kind
        guard !pressure.guestPrograms.contains(.stressNg) || hasStressNg else { return }
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let planned = try pressure.plannedChanges()
        var made: [Undo.Kind] = []
        let host = PressureHost(
            undoLog: undoLog, workloadBytes: 1 << 20,
            pause: { (_) throws(PlumblineError) in
                // Hogs are the last change. They are not to fill this machine's memory.
                made = changes(in: undoLog)
                if made.last == .killProcess { throw PlumblineError(.interrupted, "enough") }
            })
        do {
            let running = try pressure.start(on: host)
            made = changes(in: undoLog)
            #expect(running.stop().isEmpty)
        } catch {
            #expect(error.message == "enough")
        }
        #expect(made == planned.compactMap(\.undo), "\(planned)")
        #expect(undoLog.pending.isEmpty)
    }

    private let hasStressNg = SystemFile.exists("/usr/bin/stress-ng")

    /// Hogs are one line of the plan, and one line each of the undo log.
    private func changes(in undoLog: UndoLog) -> [Undo.Kind] {
        undoLog.pending.map(\.kind).reduce(into: []) { kinds, kind in
            if kinds.last != kind || kind != .killProcess { kinds.append(kind) }
        }
    }
}
