// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Cells
import Experiment
import Journal
import Protocol
import Synchronization

/// `--dry-run`: what an experiment would change on this machine, in order; nothing is changed.
///
/// The agent says what its cells would change, from the code that changes it.
final class DryRunList: Sendable {
    private struct State {
        var lines: [String] = []
        var changes = 0
        /// The cell that the next change is the first one of.
        var cell: String?
    }

    private let state = Mutex(State())

    /// Prints what an experiment on the running kernel would change.
    ///
    /// - Parameter agent: the agent's path.
    static func show(
        _ plan: Plan, agent: String, on console: Console
    ) async throws(PlumblineError) {
        let list = DryRunList()
        for knob in plan.comparison?.knobs ?? [] { list.add(knob) }
        var configuration = AgentConfiguration(executable: agent)
        configuration.arguments = ["--dry-run"]
        var driver = AgentDriver(
            configuration, isInterrupted: Measurement.isInterrupted, note: { list.add($0) })
        do throws(PlumblineError) {
            _ = try await driver.greeting()
            for (number, cell) in plan.suite.cells.enumerated() {
                list.begin(cell.label)
                if let program = cell.program { list.add(program) }
                let answer = try await driver.prepare(
                    PrepareOrder(order: number, visit: number, cell: cell, seed: plan.seed))
                switch answer {
                case .failed(let error), .lost(let error), .unfit(let error):
                    list.add("cannot run: \(error.message)")
                case .interrupted: throw PlumblineError(.interrupted, "interrupted")
                case .done: break
                }
            }
            await driver.end()
        } catch {
            await driver.end()
            throw error
        }
        console.document(list.text)
    }

    /// Prints what an experiment in guests would do: a guest is a process of this user.
    ///
    /// - Parameter driveDirectory: where files without a name back the guests' drives.
    static func show(
        guests kernels: [String], driveDirectory: String, on console: Console
    ) {
        let list = DryRunList()
        for kernel in kernels {
            list.add("start QEMU with \(kernel), as this user; at the end: kill it")
        }
        list.add("back drives of the guests, if any, by files without a name in \(driveDirectory)")
        console.document(list.text + "What the cells change, they change in the guests.\n")
    }

    private func add(_ knob: ComparisonRecord.Knob) {
        switch knob.kind {
        case .file:
            add(
                "write '\(knob.a)' and '\(knob.b)' in turn to \(knob.target); at the end: write the "
                    + "former value back")
        case .command:
            add("run in turn, each by sh -c: \(knob.a); \(knob.b); at the end: the first one again")
        case .setting: break
        }
    }

    private func add(_ program: ProgramUse) {
        add("run \(ShellWord.visibleLine(program.command)), which may change anything")
    }

    private func begin(_ cell: String) { state.withLock { $0.cell = cell } }

    private func add(_ change: String) {
        state.withLock { state in
            if let cell = state.cell { state.lines.append("\(cell.printable):") }
            state.cell = nil
            state.changes += 1
            state.lines.append("  \(state.changes). \(change.printable)")
        }
    }

    private var text: String {
        state.withLock { state in
            let heading =
                state.changes == 0
                ? "Nothing of this machine would be changed."
                : "Changes of this machine, in the order of the suite; nothing is done now."
            return ([heading] + state.lines).map { $0 + "\n" }.joined()
        }
    }
}
