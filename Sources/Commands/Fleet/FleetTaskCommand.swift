// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Fleet
import Linux
import Machine
import Synchronization

/// `plumbline fleet task`: what Slurm runs on each machine.
struct FleetTaskCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "task",
        abstract: "Measure this machine for a fleet. Slurm runs it.", shouldDisplay: false)

    @Argument(help: ArgumentHelp("The directory of the fleet.", valueName: "dir"))
    var directory: String

    /// Measures this machine, or goes on with what was measured of it.
    ///
    /// - Returns: 0 for every result that is one, so that Slurm calls the task completed.
    func run(on console: Console) async throws -> Int32 {
        let fleet = try FleetDirectory(opening: directory)
        let plan = try fleet.plan()
        let place = try SlurmPlace(environment: console.environment, tasks: plan.machines)
        var record = TaskRecord(
            job: place.job, machine: place.machine, startedAt: Clock.realtimeNanoseconds())
        let before = try fleet.record(of: place.task)
        if let other = try fleet.take(machine: place.machine, for: place.task) {
            record.exit = 1
            record.repeated = other
            try fleet.save(record, of: place.task)
            throw PlumblineError.failure("\(place.machine) is measured by task \(other)")
        }
        if let before, before.machine != place.machine {
            try fleet.putAside(journalOf: place.task, from: before.machine)
        }
        try fleet.save(record, of: place.task)
        let journal = fleet.journal(of: place.task)
        let words = LastWords()
        var inner = console
        inner.diagnostics = {
            console.diagnostics($0)
            words.note($0)
        }
        let code: Int32
        do throws(PlumblineError) {
            try fleet.hold(machine: place.machine)
            for change in try Self.restore() {
                console.diagnostics("plumbline: restored: \(change)".printable + "\n")
            }
            code = await Plumbline.main(
                plan.arguments(
                    of: place.task, journal: journal, resumes: SystemFile.exists(journal)),
                console: inner)
        } catch {
            inner.diagnostics("plumbline: \("\(error)".printableLines)\n")
            code = error.exitCode
        }
        let isResult = [0, 3, 4, 5].contains(code)
        record.exit = code
        record.message = isResult ? nil : words.text
        try fleet.save(end: record, of: place.task)
        if !isResult, !SystemFile.exists(journal) { fleet.giveBack(machine: place.machine) }
        return isResult ? 0 : code
    }

    /// Undoes what killed runs left on this machine, which the task has for itself. A knob that
    /// keeps a killed run's value would be taken for the machine's own.
    ///
    /// - Returns: what was undone.
    /// - Throws: `failure` when something is left.
    static func restore(
        in directory: String = StateDirectory.path
    ) throws(PlumblineError) -> [RestoredChange] {
        let changes = UndoLog.restoreAbandoned(in: directory)
        guard UndoLog.abandonedOwners(in: directory).isEmpty else {
            let failed = changes.filter { !$0.outcome.isSettled }.map(\.description)
            throw .failure(
                "a killed run left changes on this machine, which would affect the results"
                    + (failed.isEmpty ? "" : ": \(failed.joined(separator: "; "))"),
                remedy: "on that machine: plumbline doctor --restore")
        }
        return changes
    }

    /// The last error, without its remedy.
    private final class LastWords: Sendable {
        private static let prefix = "plumbline: "
        private let last = Mutex<String?>(nil)

        var text: String? { last.withLock { $0 } }

        func note(_ text: String) {
            let lines = text.split(separator: "\n").filter { $0.hasPrefix(Self.prefix) }
            guard let line = lines.last else { return }
            last.withLock { $0 = String(line.dropFirst(Self.prefix.count)) }
        }
    }
}
