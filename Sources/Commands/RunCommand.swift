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
import Reports
import Suites
import SystemPackage

/// `plumbline run`: measures the running kernel.
public struct RunCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure the running kernel, or one in a guest, and keep a journal.",
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

            Cells are visited in rounds, in an order drawn from the seed. Each slice is synced to \
            the journal before the next one starts, so that a run that was killed goes on with \
            --resume. A slice under pressure in which the kernel did not reclaim is marked void. \
            Ctrl-C ends the run, puts everything back, and prints what there is.

            With --kernel the suite runs in a guest of QEMU, and needs no root. A guest that \
            panics, warns, hangs or runs out of memory is ended, its console's lines are shown, \
            and the cell that met it is left out. +debug after a variant's name is the kernel \
            that looks for its own mistakes; the suite faults needs one.

            \(InstructionLens.help)

            Exit codes: 0 every cell was measured, 1 a cell could not run or the tool failed, 5 \
            all slices of a cell are void, 64 wrong usage, 130 interrupted. When no cell could \
            run, nothing is printed and no journal is left.

            EXAMPLES
              plumbline run smoke
              plumbline run smoke --list
              plumbline run --settings
              plumbline run pipe-prealloc --cells '*/memcg*' --slices 20 --output sweep.jsonl
              plumbline run smoke --set pipe.msgsize=8k --seed 7
              plumbline run pipe-prealloc --resume --output sweep.jsonl
              plumbline run smoke --kernel arch/x86/boot/bzImage --cpus 2 --memory 2g
              plumbline run smoke --lens instructions
              plumbline run smoke --kernel bzImage --lens instructions --cells 'pipe/*'
              plumbline run faults --kernel 6.12+pipe-prealloc+dio-cache+debug
            """)

    /// The suite's name or file.
    @Argument(help: "A built-in suite's name, or a YAML file.") public var suite: String?
    /// Options in common with other commands.
    @OptionGroup public var common: CommonOptions
    /// Slices a cell.
    @Option(help: ArgumentHelp("Slices a cell.", valueName: "number")) public var slices: Int?
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Another agent.
    @Option(
        help: ArgumentHelp(
            "The agent to run, in place of the one beside plumbline.", valueName: "path"))
    public var agent: String?

    /// A kernel to boot.
    @Option(
        help: ArgumentHelp(
            "Measure this kernel in a guest: a bzImage, or the name of one that is built.",
            valueName: "kernel"))
    public var kernel: String?
    /// What machine the guest is.
    @OptionGroup(title: "Options of the guest") public var guest: GuestOptions

    /// Whether perf counters watch the workers.
    @Flag(
        help: ArgumentHelp(
            "Count kernel instructions and more with perf, where there is a PMU.",
            discussion: "It slows every context switch of the workers, so it is off by default."))
    public var counters = false

    /// Whether to print the journal's schema and no more.
    @Flag(help: "Print the JSON Schema of a journal's lines, and run nothing.")
    public var schema = false

    /// Whether to print what can be set and no more.
    @Flag(help: "Print what every workload and pressure can be told, and run nothing.")
    public var settings = false

    /// Made by the argument parser.
    public init() {}

    /// Measures.
    public func run(on console: Console) async throws -> Int32 {
        if schema || settings {
            console.document(schema ? JournalSchema.text : SettingsList().text)
            return 0
        }
        guard let suite else {
            let names = SuiteSource.builtInNames.joined(separator: ", ")
            throw PlumblineError.usage(
                "run: missing a suite",
                remedy: "name a YAML file or one of \(names); see `plumbline run --help`")
        }
        let overrides = try Overrides(
            assignments: common.set, slice: common.slice, slices: slices,
            allowDestructive: common.allowDestructive)
        let plan = try common.plan(of: suite, overrides, console)
        if common.list {
            console.document(CellList(plan).text)
            return 0
        }
        LeavingsWarning.give(on: console, quiet: common.quiet)
        try Interrupts.catch()
        let target = try await target(plan, console)
        return common.resume
            ? try await resume(plan, target, console) : try await start(plan, target, console)
    }

    /// The agent of this machine, or one in a guest.
    private func target(
        _ plan: SuiteRecord, _ console: Console
    ) async throws(PlumblineError) -> AgentConfiguration {
        var path = agent ?? ""
        if agent == nil { path = try AgentExecutable.find(in: console.environment["PATH"] ?? "") }
        guard let kernel else {
            if let option = guest.told(besides: "--lens") {
                throw .usage("run: \(option) is for a guest", remedy: "add --kernel KERNEL")
            }
            return AgentConfiguration(executable: path)
        }
        let name = "the guest \(kernel.split(separator: "/").last ?? "")"
        let image = try image(of: kernel, console)
        let maker = try GuestMaker(agent: path, environment: console.environment)
        let (guests, reason) = try await maker.make(
            [try guest.plan(name: name, image: image, for: plan)], for: plan,
            accelerator: guest.accelerator, isInterrupted: { Interrupts.pending != nil })
        if let reason, !common.quiet {
            console.diagnostics("plumbline: the guest is emulated: \(reason)\n")
        }
        return guests[0].configuration(counters: counters)
    }

    /// The file of a kernel that is named by its variant, or by a path.
    private func image(
        of kernel: String, _ console: Console
    ) throws(PlumblineError) -> String {
        if kernel.contains("/") || SystemFile.exists(kernel) { return kernel }
        let store = try KernelStore(environment: console.environment)
        let variant: KernelVariant
        do { variant = try KernelVariant(kernel) } catch {
            if let found = store.find(named: kernel) { return found.path }
            throw PlumblineError(
                error.kind, "--kernel: \(error.message)",
                remedy: "\(error.remedy); a file is named with a /, and `plumbline kernel list` "
                    + "shows what else is built")
        }
        guard let found = store.find(variant) else {
            throw .failure(
                "the kernel \(variant) is not built yet",
                remedy: "plumbline kernel build \(variant)")
        }
        return found.path
    }

    private func start(
        _ plan: SuiteRecord, _ target: AgentConfiguration, _ console: Console
    ) async throws -> Int32 {
        try await start(plan, target, console, common.journal(of: plan))
    }

    private func start(
        _ plan: SuiteRecord, _ target: AgentConfiguration, _ console: Console,
        _ writer: JournalWriter
    ) async throws -> Int32 {
        defer { writer.removeIfEmpty() }
        let seed = common.seed ?? .random(in: 0...UInt64(UInt32.max))
        let progress = ProgressReporter(console, quiet: common.quiet)
        defer { progress.clear() }
        let outcome = try await controller(target, progress, counts: counters).run(
            plan, seed: seed, lens: guest.lens ?? .wall, options: told, journal: writer)
        progress.clear()
        if let code = try nothingRan(outcome, writer) {
            writer.remove()
            return code
        }
        return try finish(outcome, writer, console)
    }

    private func resume(
        _ plan: SuiteRecord, _ target: AgentConfiguration, _ console: Console
    ) async throws -> Int32 {
        let path = try common.journalToResume()
        let (writer, found) = try JournalWriter.resume(at: path)
        guard let journal = found else {
            console.diagnostics("plumbline: \(path) holds no slice yet: the run begins anew\n")
            return try await start(plan, target, console, writer)
        }
        try refuseOtherPlan(plan, journal, path)
        for warning in journal.warnings { console.diagnostics("plumbline: \(warning)\n") }
        let progress = ProgressReporter(console, quiet: common.quiet)
        defer { progress.clear() }
        let counts = counters || journal.header.options.contains(Self.countersOption)
        let outcome = try await controller(target, progress, counts: counts)
            .resume(journal, journal: writer)
        progress.clear()
        if let code = try nothingRan(outcome, writer) { return code }
        return try finish(outcome, writer, console)
    }

    private func refuseOtherPlan(
        _ plan: SuiteRecord, _ journal: StoredJournal, _ path: String
    ) throws(PlumblineError) {
        let header = journal.header
        guard header.experiment.kind == .run, (header.guest == nil) == (kernel == nil) else {
            let what =
                header.experiment.kind == .run
                ? header.guest == nil ? "of this machine" : "in a guest"
                : "of `plumbline \(header.experiment.kind.rawValue)`"
            throw .usage(
                "\(path) holds measurements \(what)",
                remedy: "resume it with the command that began it, or start another journal")
        }
        let planned =
            !common.cells.isEmpty || !common.set.isEmpty || common.slice != nil || slices != nil
        guard plan.name == header.suite.name, !planned || plan == header.suite,
            common.seed == nil || common.seed == header.seed,
            guest.lens == nil || guest.lens == header.lens
        else {
            throw .usage(
                "\(path) holds a run of \(header.suite.name) with other cells or settings: "
                    + "it was begun with '\(header.options.joined(separator: " "))'",
                remedy: "resume with the same options or with none, or start another journal")
        }
    }

    private static let countersOption = "--counters"

    private func controller(
        _ target: AgentConfiguration, _ progress: ProgressReporter, counts: Bool
    ) -> RunController {
        var configuration = target
        if counts, kernel == nil { configuration.arguments = [Self.countersOption] }
        return RunController(
            configuration, isInterrupted: { Interrupts.pending != nil },
            report: { progress.show($0) })
    }

    /// The exit code of a run none of whose cells could run; nil where there is something to show.
    private func nothingRan(
        _ outcome: RunController.Outcome, _ writer: JournalWriter
    ) throws -> Int32? {
        guard !outcome.interrupted, !outcome.failures.isEmpty,
            try StoredJournal(readingFrom: writer.path).slices.isEmpty
        else { return nil }
        return outcome.failures.allSatisfy { $0.error.kind == .usage } ? 64 : 1
    }

    private func finish(
        _ outcome: RunController.Outcome, _ writer: JournalWriter, _ console: Console
    ) throws -> Int32 {
        let journal = try StoredJournal(readingFrom: writer.path)
        let code = exitCode(outcome, journal)
        try console.show(RunReport(journal, exitCode: code), as: format)
        if !common.quiet { console.diagnostics("journal: \(writer.path)\n") }
        return code
    }

    private func exitCode(_ outcome: RunController.Outcome, _ journal: StoredJournal) -> Int32 {
        if outcome.interrupted { return 130 }
        if !outcome.failures.isEmpty { return 1 }
        let byCell = Dictionary(grouping: journal.slices, by: \.cell)
        let isVoid = byCell.values.contains { $0.allSatisfy { !$0.isValid } }
        return isVoid ? 5 : 0
    }

    /// The options that shape the measurement, as they were told.
    private var told: [String] {
        var options = common.cells.flatMap { ["--cells", $0] }
        options += common.set.flatMap { ["--set", $0] }
        if let slice = common.slice { options += ["--slice", slice] }
        if let slices { options += ["--slices", "\(slices)"] }
        if let seed = common.seed { options += ["--seed", "\(seed)"] }
        if counters { options.append(Self.countersOption) }
        if common.allowDestructive { options.append("--allow-destructive") }
        if let kernel { options += ["--kernel", kernel] }
        options += guest.words
        return [suite ?? ""] + options
    }
}
