// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Journal
import Linux
import Protocol
import Remotes
import Suites

/// `plumbline ab SUITE --on FILE`: two kernels of one machine, by reboots.
struct RebootComparison {
    /// The command line.
    let command: AbCommand
    /// The target file's path.
    let path: String

    /// Reboots, measures and judges.
    func run(on console: Console) async throws -> Int32 {
        try refuseOptions()
        let file = try TargetFile(SuiteSource.target(at: path))
        let (a, b) = try kernels(of: file)
        let cells = try command.pair.cells(of: command.suite, console)
        let plan = try plan(cells, of: file, a: a, b: b, arguments: console.arguments)
        try command.pair.common.refuseDryRun()
        if command.pair.common.list {
            console.document(CellList(plan: plan).text)
            return 0
        }
        try command.pair.published.check(for: cells, named: command.suite)
        let measurement = try Measurement(command.pair.common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        try Interrupts.catch()
        let report = measurement.report
        let machine = command.ssh.machine(
            file, agent: try command.pair.common.findAgent(console), note: { report(.note($0)) })
        let settled = try measurement.settle(plan, isComplete: true)
        let target = RebootTarget(
            settled, on: machine, a: a, b: b, rounds: measurement.stored?.rounds ?? [],
            isInterrupted: Measurement.isInterrupted, report: report)
        let outcome = try await measurement.run(settled, on: target)
        let code = try console.printReport(
            StoredJournal(readingFrom: measurement.writer.path), format: command.format,
            inconclusiveIsOK: command.pair.comparison.inconclusiveOk,
            interrupted: outcome.interrupted)
        measurement.printJournal(console)
        return code
    }

    /// Refuses what only guests have.
    private func refuseOptions() throws(PlumblineError) {
        guard !path.hasPrefix(SSHAddress.scheme) else {
            throw .usage(
                "--on \(path): one machine runs one kernel at a time",
                remedy: "give a target file, which says how the machine boots another one: "
                    + "`plumbline target example`")
        }
        let given = [
            ("--append-a", !command.pair.appendA.isEmpty),
            ("--append-b", !command.pair.appendB.isEmpty),
            ("--config", command.pair.config != nil), ("--quick", command.pair.quick),
            ("--relinks", command.pair.relinks.relinks ?? 0 != 0),
            ("--comparisons", command.placebos.comparisons != nil),
        ]
        if let option = command.pair.guest.guestOption ?? given.first(where: { $0.1 })?.0 {
            throw .usage(
                "\(option) is not supported with --on",
                remedy: "the machine boots its kernels as \(path) says")
        }
        guard !command.pair.comparison.setsLength else {
            throw .usage(
                "--on FILE is not supported with --budget, --max-budget, --blocks or "
                    + "--until-decided",
                remedy: "give --rounds, the number of pairs of boots")
        }
    }

    /// The two kernels that are compared: the file's, where it has two and none is named.
    func kernels(of file: TargetFile) throws(PlumblineError) -> (BootKernel, BootKernel) {
        if command.a == nil, command.b == nil, file.kernels.count == 2 {
            return (file.kernels[0], file.kernels[1])
        }
        guard let a = command.a, let b = command.b else {
            throw .usage(
                "ab: missing --\(command.a == nil ? "a" : "b")",
                remedy: "name two of the kernels in \(path): "
                    + file.kernels.map(\.name).joined(separator: ", "))
        }
        return (try file.kernel(named: a), try file.kernel(named: b))
    }

    /// Each block is a pair of boots, as with `--alternate`.
    private func plan(
        _ cells: SuiteRecord, of file: TargetFile, a: BootKernel, b: BootKernel,
        arguments: [String]
    ) throws(PlumblineError) -> Plan {
        let metric = try command.pair.guest.metric.chosen(inGuest: false)
        let rounds = try command.pair.boots.count(metric)
        let stopping = try StoppingPlan(blocks: rounds, rounds: rounds)
        func machine(_ kernel: BootKernel) -> GuestMachine {
            .init(
                label: kernel.name, place: "\(file.host.machine), booted by \(file.way.rawValue)",
                agent: .init(executable: ""))
        }
        var plan = Plan.ab(
            cells, a: machine(a), b: machine(b),
            stopping: command.pair.comparison.noEarlyStop ? stopping.judgedOnce() : stopping,
            equivalence: try command.pair.comparison.margin(), rounds: nil, metric: metric,
            seed: command.pair.common.chosenSeed, arguments: arguments)
        plan.host = file.host.machine
        plan.comparison?.claims = try command.pair.published.records(on: cells, changes: [])
        return plan
    }
}
