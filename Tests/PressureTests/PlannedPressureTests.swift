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
        ] as [(String, [String: SettingValue])])
    func itMakesTheChangesThatItAnnounces(
        name: String, settings: [String: SettingValue]
    ) throws {
        guard settings["swap"] == nil || ThisMachine.hasZram else { return }
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let pressure = try PressureCatalogue.make(name, settings).kind
        let planned = try pressure.plannedChanges()
        let running = try pressure.start(on: PressureHost(undoLog: undoLog, workloadBytes: 1 << 20))
        // Hogs are one line of the plan, and one line each of the undo log.
        var made: [Undo.Kind] = []
        for kind in undoLog.pending.map(\.kind) where made.last != kind || kind != .killProcess {
            made.append(kind)
        }
        #expect(made == planned.compactMap(\.undo), "\(planned)")
        #expect(running.stop().isEmpty)
        #expect(undoLog.pending.isEmpty)
    }
}
