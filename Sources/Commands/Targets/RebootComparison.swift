// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Journal
import Linux
import Protocol
import Remotes
import Suites

/// A suite on two kernels of one machine that reboots, or of two that swap kernels: the way from the
/// options to a journal, for `ab --on` and `gate --on`.
struct RebootComparison {
    /// The command, for errors.
    let command: String
    /// What is measured.
    let suite: SuiteSource
    /// The baseline, by its name in the target files.
    let a: KernelPairRun.Name
    /// The candidate.
    let b: KernelPairRun.Name
    /// The paths of one target file, or of two.
    let paths: [String]
    let options: KernelPairOptions
    let ssh: SSHOptions
    /// Whether A/A comparisons are asked for, which is refused.
    var hasPlacebos = false
    /// Whether tracing is asked for, which is refused: it would take a boot of each kernel more.
    var isTraced = false
    /// Refuses a plan before anything is measured, where one kernel is compared with stored journals;
    /// nil where the arms are compared.
    var check: ((Plan) throws -> Void)?

    /// Reboots and measures; with `--list` it only prints what would be done.
    ///
    /// - Returns: the journal and how the measurement ended; nil where nothing is measured.
    /// - Throws: `usage` for options or files that are wrong; `failure`; `interrupted`; what `check`
    ///   throws.
    func measure(on console: Console) async throws -> (Measurement, Outcome)? {
        try refuseOptions()
        let files = try files()
        let kernels = try files.map { (file) throws(PlumblineError) in
            try self.kernels(of: file, like: files[0])
        }
        let common = options.common
        let asked = try options.cells(of: suite, console)
        let isShort = try common.hasShortSlices(of: suite, byTime: files.count == 2)
        let cells = isShort ? asked.withShortSlices() : asked
        var plan = try plan(
            cells, on: files, a: kernels[0].a, b: kernels[0].b, arguments: console.arguments)
        if isShort { plan = plan.withShortSlices() }
        try common.refuseDryRun()
        try options.published.check(for: cells, from: suite)
        if common.list {
            console.document(CellList(plan: plan).text)
            return nil
        }
        try check?(plan)
        let measurement = try Measurement(common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        try Interrupts.catch()
        let agent = try common.findAgent(console)
        let report = measurement.report
        let settled = try measurement.settle(plan, isComplete: true)
        let rounds = measurement.stored?.rounds ?? []
        let targets = zip(files, kernels).map { file, kernels in
            RebootTarget(
                settled, on: ssh.machine(file, agent: agent, note: { report(.note($0)) }),
                a: kernels.a, b: kernels.b, rounds: rounds,
                isInterrupted: Measurement.isInterrupted, report: report)
        }
        guard files.count == 2 else {
            return (measurement, try await measurement.run(settled, on: targets[0]))
        }
        let pair = CrossoverTarget(
            targets[0], targets[1], addresses: files.map(\.host.machine), rounds: rounds)
        return (measurement, try await measurement.run(settled, on: pair))
    }

    /// Refuses what only guests have.
    private func refuseOptions() throws(PlumblineError) {
        if let path = paths.first(where: { $0.hasPrefix(SSHAddress.scheme) }) {
            throw .usage(
                "--on \(path): one machine runs one kernel at a time",
                remedy: "give a target file, which says how the machine boots another one: "
                    + "`plumbline target example`")
        }
        guard paths.count <= 2 else {
            throw .usage(
                "--on is given \(paths.count) times", remedy: "give one target file, or two")
        }
        let isOne = paths.count == 1
        let given = [
            ("--append-a", !options.appendA.isEmpty), ("--append-b", !options.appendB.isEmpty),
            ("--config", options.config != nil), ("--quick", options.quick && isOne),
            ("--alternate", options.alternate && !isOne),
            ("--relinks", options.relinks.relinks ?? 0 != 0), ("--comparisons", hasPlacebos),
            ("--evidence", isTraced),
        ]
        if let option = options.guest.guestOption ?? given.first(where: { $0.1 })?.0 {
            throw .usage(
                "\(option) is not supported with --on",
                remedy: "machines boot their kernels as \(paths.joined(separator: " and ")) "
                    + (isOne ? "says" : "say"))
        }
        guard !isOne || !options.comparison.setsLength else {
            throw .usage(
                "--on FILE is not supported with --budget, --max-budget, --blocks or "
                    + "--until-decided",
                remedy: "give --rounds, the number of pairs of boots")
        }
    }

    /// The target files, of one machine each.
    private func files() throws(PlumblineError) -> [TargetFile] {
        let files = try paths.map { (path) throws(PlumblineError) in
            try TargetFile(SuiteSource.target(at: path))
        }
        guard Set(files.map(\.host.machine)).count == files.count else {
            throw .usage(
                "--on: \(paths.joined(separator: " and ")) are of the same machine, "
                    + files[0].host.machine,
                remedy: "give --on once: one machine boots both kernels")
        }
        return files
    }

    /// The two kernels that are compared: the first file's, where it has two and none is named. The
    /// other file has kernels of the same names.
    private func kernels(
        of file: TargetFile, like first: TargetFile
    ) throws(PlumblineError) -> (a: BootKernel, b: BootKernel) {
        if a.text == nil, b.text == nil, first.kernels.count == 2 {
            return (
                try file.kernel(named: first.kernels[0].name),
                try file.kernel(named: first.kernels[1].name)
            )
        }
        guard let baseline = a.text, let candidate = b.text else {
            throw .usage(
                "\(command): missing \(a.text == nil ? a.option : b.option)",
                remedy: "name two of the kernels in \(first.place): "
                    + first.kernels.map(\.name).joined(separator: ", "))
        }
        return (try file.kernel(named: baseline), try file.kernel(named: candidate))
    }

    /// On one machine each block spans a pair of boots, as with `--alternate`.
    private func plan(
        _ cells: SuiteRecord, on files: [TargetFile], a: BootKernel, b: BootKernel,
        arguments: [String]
    ) throws(PlumblineError) -> Plan {
        let metric = try options.guest.metric.chosen(for: cells, inGuest: false)
        let rounds = try options.boots.count(metric)
        let isOne = files.count == 1
        var stopping =
            isOne
            ? try StoppingPlan(blocks: rounds, rounds: rounds)
            : try options.stopping(cells, metric: metric)
        if options.comparison.noEarlyStop || check != nil { stopping = stopping.judgedOnce() }
        let place = files.map { "\($0.host.machine), booted by \($0.way.rawValue)" }
        func machine(_ kernel: BootKernel) -> GuestMachine {
            .init(
                label: kernel.name, place: place.joined(separator: "; "),
                agent: .init(executable: ""))
        }
        var plan = Plan.ab(
            cells, a: machine(a), b: machine(b), stopping: stopping,
            equivalence: try options.comparison.margin(), rounds: isOne ? nil : rounds,
            metric: metric, seed: options.common.chosenSeed, arguments: arguments)
        plan.host = files[0].host.machine
        if !isOne { plan.swapKernels(between: files.map(\.host.machine)) }
        plan.comparison?.claims = try options.published.records(on: cells, changes: [])
        return plan
    }
}
