// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Fleet
import Reports
import Verdicts

/// `plumbline fleet collect`: merges the journals of a fleet and judges them.
public struct FleetCollectCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Submit lost tasks of a fleet once more, merge its journals and judge them.",
        usage: "plumbline fleet collect [<options>] <dir>",
        discussion: """
            It does not wait. A task whose node failed, that was killed or cancelled, or whose \
            time was over, is submitted once more, and goes on with its journal. While tasks wait \
            or run, the machines so far are printed without a verdict. When all have ended, each \
            cell gets one. Each machine counts as one value, the mean over its rounds or blocks, \
            and t goes over the machines; at least 5 are needed.

            Machines of another CPU model, memory or kernel are named, and so are machines whose \
            change lies far from the others'. They count all the same. Machines with another CPU \
            count, workload, slice length or version of plumbline are not comparable.

            Exit codes: 0 no cell regressed, 3 a cell regressed, 4 a cell is inconclusive or \
            images-differ, or machines are still to come, 5 invalid or not comparable, 1 a task \
            failed or an error of the tool, 64 usage error.

            EXAMPLES
              plumbline fleet collect nightly
              plumbline fleet collect nightly --format json
              plumbline fleet collect nightly --no-resubmit
              plumbline fleet collect --schema
            """)

    /// The fleet's directory.
    @Argument(
        help: ArgumentHelp("The directory of the fleet.", valueName: "dir"), completion: .directory)
    public var directory: String?
    /// Whether lost tasks stay lost.
    @Flag(help: "Submit nothing: take lost tasks as they are.")
    public var noResubmit = false
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Whether 4 becomes 0.
    @Flag(name: .customLong("inconclusive-ok"), help: "Exit with 0 instead of 4.")
    public var inconclusiveIsOK = false
    /// Whether to print the document's schema only.
    @Flag(help: "Print the JSON Schema of the output of --format json, and exit.")
    public var schema = false

    /// Made by the argument parser.
    public init() {}

    /// Collects.
    ///
    /// - Returns: the exit code.
    public func run(on console: Console) throws -> Int32 {
        if schema {
            console.document(ReportFormat.fleetSchemaText)
            return 0
        }
        let fleet = try FleetDirectory(given: directory, to: "collect")
        let (tasks, machines) = try fleet.locked { () throws(PlumblineError) in
            try collect(fleet)
        }
        for task in tasks where task.state == .waiting && task.message != nil {
            console.diagnostics(
                "plumbline: task \(task.number) was lost and is submitted once more: "
                    + "\(task.message ?? "")\n")
        }
        let waiting = tasks.count { $0.state == .waiting || $0.state == .running }
        var verdict: FleetVerdict?
        do throws(JournalComparison.NotComparable) {
            verdict = try FleetVerdict(machines, waiting: waiting)
        } catch {
            console.diagnostics("plumbline: the machines are not comparable\n")
            for reason in error.reasons { console.diagnostics("  \(reason)\n") }
            try console.show(
                FleetReport(tasks: tasks, verdict: nil, exitCode: 5), as: format)
            return 5
        }
        verdict?.inconclusiveIsOK = inconclusiveIsOK
        let code = exitCode(verdict, tasks)
        try console.show(FleetReport(tasks: tasks, verdict: verdict, exitCode: code), as: format)
        return code
    }

    /// Looks at the tasks, sums up the machines that count, and submits lost tasks once more.
    private func collect(
        _ fleet: FleetDirectory
    ) throws(PlumblineError) -> (tasks: [TaskStatus], machines: [MachineSummary]) {
        var machines: [MachineSummary] = []
        let slurm = Slurm()
        let status = try FleetStatus(of: fleet, slurm: slurm) { task, journal in
            guard counts(task) else { return }
            machines.append(
                MachineSummary(journal, machine: task.machine ?? "task \(task.number)"))
        }
        var (plan, tasks) = (status.plan, status.tasks)
        guard !noResubmit, tasks.contains(where: \.mayBeResubmitted) else {
            return (tasks, machines)
        }
        let program = try Plumbline.program()
        for place in tasks.indices where tasks[place].mayBeResubmitted {
            try fleet.submit(again: tasks[place], of: &plan, program: program, to: slurm)
            let last = plan.submission(of: tasks[place].number)
            tasks[place].isResubmitted = true
            tasks[place].state = last?.job == nil ? .failed : .waiting
            tasks[place].message = last?.error ?? last?.reason
        }
        return (tasks, machines)
    }

    /// Whether a task's journal is all that there will be of its machine.
    private func counts(_ task: TaskStatus) -> Bool {
        switch task.state {
        case .waiting, .running: false
        case .finished, .failed: true
        case .lost: noResubmit || !task.mayBeResubmitted
        }
    }

    /// That of the verdict, but nothing passes while a machine failed.
    private func exitCode(_ verdict: FleetVerdict?, _ tasks: [TaskStatus]) -> Int32 {
        let isOpen = tasks.contains { $0.state == .waiting || $0.state == .running }
        guard let verdict else { return isOpen ? (inconclusiveIsOK ? 0 : 4) : 1 }
        let hasFailed = tasks.contains { $0.state == .failed || $0.state == .lost }
        return verdict.exitCode == 0 && hasFailed ? 1 : verdict.exitCode
    }
}
