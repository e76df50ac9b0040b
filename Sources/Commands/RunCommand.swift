// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Experiment
import Guests
import Journal
import Kernels
import Linux
import Protocol
import Remotes
import Reports
import Suites
import SystemPackage

/// `plumbline run`: measures the running kernel.
public struct RunCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure the running kernel, or a kernel in a guest.",
        discussion: """
            SUITE is a built-in suite (\(SuiteSource.builtInNames.joined(separator: ", "))) or a \
            YAML file:

              suite: mine
              slices: 10
              cells:
                - workload: pipe
                  writers: [1, 2]            # lists multiply
                  msgsize: [4k, 64k]
                  pressure: [none, {kind: memcg, limit: 64m}]

            The run makes several passes over the cells, each in a random order that depends on \
            the seed. Slices are written to the journal every two seconds, or one by one where \
            they are longer; --resume continues a run that was killed. A slice under pressure is \
            void if the kernel did not reclaim memory in it. Ctrl-C ends the run, restores the \
            machine, and prints the results so far.

            With --kernel, the suite runs in a QEMU guest and does not need root. If the guest \
            panics, warns, hangs or runs out of memory, the guest is ended, the lines of its \
            console are printed, and the cell is skipped. A variant with +debug is a kernel with \
            debugging checks; the suite faults needs one.

            With --on, the suite runs on another machine. ssh may ask for a password once, \
            on a terminal; connecting again must work without a question. \
            The agent is copied there and removed at the end. If the connection is lost, plumbline \
            connects again and continues.

            \(MetricOptions.discussion)

            Exit codes: 0 every cell was measured, 1 a cell could not run or the tool failed, 5 \
            all slices of a cell are void, 64 usage error, 130 interrupted. If no cell can run, \
            no result is printed and the journal is removed.

            EXAMPLES
              plumbline run smoke
              plumbline run smoke --list
              plumbline run --settings
              plumbline run pipe-prealloc --cells '*/memcg*' --output sweep.jsonl
              plumbline run smoke --set pipe.msgsize=8k --seed 7
              plumbline run pipe-prealloc --resume --output sweep.jsonl
              plumbline run smoke --kernel arch/x86/boot/bzImage --cpus 2 --memory 2g
              plumbline run smoke --on ssh://root@testbox
              plumbline run smoke --metric pmu
              plumbline run smoke --kernel bzImage --metric instructions --cells 'pipe/*'
              plumbline run --slices 5 -- perf bench sched pipe
              plumbline run faults --kernel 6.12+pipe-prealloc+dio-cache+debug
            """)

    /// What is measured.
    @OptionGroup public var measured: SuiteOptions
    /// Options in common with other commands.
    @OptionGroup public var common: CommonOptions
    /// Slices per cell.
    @Option(help: ArgumentHelp("Slices per cell.", valueName: "number")) public var slices: Int?
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text

    /// A kernel to boot.
    @Option(
        help: ArgumentHelp(
            "Measure this kernel in a guest: a bzImage, or the name of a kernel that is built.",
            valueName: "kernel"), completion: .kernels)
    public var kernel: String?
    /// What machine the guest is.
    @OptionGroup(title: "Options of the guest") public var guest: GuestOptions
    /// Another machine.
    @Option(
        help: ArgumentHelp(
            "Measure another machine over ssh.", valueName: "ssh://[user@]host[:port]"),
        completion: .machines)
    public var on: String?
    /// How ssh reaches it.
    @OptionGroup(title: "Options of a machine over ssh") public var ssh: SSHOptions

    /// Whether perf counters watch the workers.
    @Flag(
        help: ArgumentHelp(
            "Count kernel instructions and other events with perf, if there is a PMU.",
            discussion: "Default: off, because it slows each context switch of the workers."))
    public var counters = false

    /// Whether to print the journal's schema only.
    @Flag(help: "Print the JSON Schema of the journal's lines, and exit.")
    public var schema = false

    /// Whether to print the settings only.
    @Flag(help: "Print the settings of every workload and pressure, and exit.")
    public var settings = false

    /// Made by the argument parser.
    public init() {}

    /// Measures.
    public func run(on console: Console) async throws -> Int32 {
        if schema || settings {
            console.document(schema ? JournalHeader.schemaText : SettingsList().text)
            return 0
        }
        try format.checkWithoutVerdicts()
        let suite = try measured.source(for: "run", metric: guest.metric)
        let overrides = try Overrides(
            assignments: common.set, slice: common.slice, slices: slices,
            allowDestructive: common.allowDestructive)
        let cells = try common.suite(from: suite, overrides, console)
        if common.list || common.dryRun { try checkKernel(for: cells, console) }
        if common.list {
            console.document(CellList(plan: Plan(.run, cells, seed: 0)).text)
            return 0
        }
        let address = try machine()
        if common.dryRun {
            try common.refuseDryRun(there: address != nil)
            if let kernel {
                DryRunList.show(
                    guests: [kernel], driveDirectory: guest.driveDirectory ?? "/var/tmp",
                    on: console)
            } else {
                let agent = try common.findAgent(console)
                try await DryRunList.show(Plan(.run, cells, seed: 0), agent: agent, on: console)
            }
            return 0
        }
        if address == nil { common.warnOfLeftovers(console) }
        try Interrupts.catch()
        let metric = try guest.metric.chosen(for: cells, inGuest: kernel != nil)
        let measurement = try Measurement(common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        let agent = try await agent(for: cells, console)
        let plan = try measurement.settle(
            Plan(
                .run, cells, seed: common.chosenSeed, arguments: console.arguments,
                metric: metric, guest: agent.guest, host: address?.machine, counters: counters),
            isComplete: !common.cells.isEmpty || !common.set.isEmpty || common.slice != nil
                || slices != nil || guest.metric.given != nil)
        let outcome =
            if let address {
                try await measurement.run(plan, at: address, by: ssh, agent: agent.executable)
            } else {
                try await measurement.run(
                    plan, on: target(of: plan, agent: agent, measurement))
            }
        return try finish(outcome, of: measurement, on: console)
    }

    /// The machine of --on; nil for this one.
    private func machine() throws(PlumblineError) -> SSHAddress? {
        try ssh.check(isUsed: on != nil, option: "--on ssh://HOST")
        guard let on else { return nil }
        guard kernel == nil else {
            throw .usage("--on is not supported with --kernel", remedy: "give one of them")
        }
        return try SSHOptions.address(on, of: "--on")
    }

    /// The agent of this machine, or one in a guest.
    private func agent(
        for cells: SuiteRecord, _ console: Console
    ) async throws(PlumblineError) -> AgentConfiguration {
        let path = try common.findAgent(console)
        guard let kernel else {
            if let option = guest.guestOption {
                throw .usage(
                    "\(option) is not supported without --kernel", remedy: "add --kernel KERNEL")
            }
            return AgentConfiguration(executable: path)
        }
        let name = "the guest \(kernel.split(separator: "/").last ?? "")"
        let image = try image(
            of: kernel, full: try guest.needsFull(for: cells), console)
        let maker = try GuestMaker(agent: path, environment: console.environment)
        let (guests, reason) = try await maker.make(
            [try guest.plan(name: name, image: image, for: cells)], for: cells,
            accelerator: guest.accelerator, isInterrupted: Measurement.isInterrupted)
        if let reason, !common.quiet { console.sayEmulated(because: reason) }
        return guests[0].configuration(counters: counters)
    }

    /// Refuses what is no kernel; one that is not built yet can be listed.
    private func checkKernel(for cells: SuiteRecord, _ console: Console) throws(PlumblineError) {
        guard let kernel else { return }
        do {
            let image = try image(of: kernel, full: guest.needsFull(for: cells), console)
            try GuestImage.check(image, nodes: guest.numa ?? 1)
        } catch {
            guard error.kind == .failure else { throw error }
        }
    }

    /// The file of a kernel that is named by its variant, or by a path.
    private func image(
        of kernel: String, full needsFull: Bool, _ console: Console
    ) throws(PlumblineError) -> String {
        if kernel.contains("/") || SystemFile.exists(kernel) { return kernel }
        let store = try KernelStore(environment: console.environment)
        var variant: KernelVariant
        do { variant = try KernelVariant(kernel) } catch {
            if let found = store.find(named: kernel) { return found.path }
            let names = error.message.contains("did you mean") ? [] : store.list().map(\.name)
            let near = Spelling.hint(for: kernel, among: names)
            throw PlumblineError(
                error.kind, "--kernel: \(error.message)",
                remedy: (near.map { "\($0) " } ?? "")
                    + "\(error.remedy); a file name needs a /; `plumbline kernel list` shows "
                    + "the kernels that are built")
        }
        if needsFull { variant.isFull = true }
        guard let found = store.find(variant) else {
            throw .failure(
                "the kernel \(variant)\(needsFull ? ", for NUMA nodes or XFS," : "") is not built",
                remedy: "plumbline kernel build \(variant)")
        }
        return found.path
    }

    private func target(
        of plan: Plan, agent: AgentConfiguration, _ measurement: Measurement
    ) throws(PlumblineError) -> MachineTarget {
        var agent = agent
        if plan.counters == true, kernel == nil { agent.arguments = ["--counters"] }
        return try MachineTarget(
            plan, agent: agent, isInterrupted: Measurement.isInterrupted,
            report: measurement.report)
    }

    private func finish(
        _ outcome: Outcome, of measurement: Measurement, on console: Console
    ) throws -> Int32 {
        let journal = try StoredJournal(readingFrom: measurement.writer.path)
        if journal.sliceCount == 0, !outcome.interrupted, !outcome.failures.isEmpty {
            // No cell ran: there is nothing to show or to keep.
            if measurement.stored == nil { measurement.writer.remove() }
            return outcome.failures.allSatisfy { $0.error.kind == .usage } ? 64 : 1
        }
        let code = exitCode(outcome, journal)
        try console.show(RunReport(journal, exitCode: code), as: format)
        measurement.printJournal(console)
        return code
    }

    private func exitCode(_ outcome: Outcome, _ journal: StoredJournal) -> Int32 {
        if outcome.interrupted { return 130 }
        if !outcome.failures.isEmpty { return 1 }
        let isVoid = journal.header.suite.cells.indices.contains { place in
            let slices = journal.slices(of: place)
            return !slices.isEmpty && slices.allSatisfy { !$0.isValid }
        }
        return isVoid ? 5 : 0
    }
}
