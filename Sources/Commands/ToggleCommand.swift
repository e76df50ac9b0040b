// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Experiment
import Journal
import Linux
import Protocol
import Reports
import Suites

/// `plumbline toggle`: compares two values of a knob on the running kernel.
public struct ToggleCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "toggle",
        abstract: "Compare two values of a knob on the running kernel, with a verdict.",
        discussion: """
            The knob is switched between short slices, in blocks of four (ABBA or BAAB by a coin), \
            so that whatever else changes with time hits both values alike. Each cell gets a \
            verdict: improved, regressed, equivalent, inconclusive, or invalid.

            A knob is one of
              PATH=a,b            a sysctl such as vm.swappiness, or a file of sysfs; also with \
            file: in front. It is read back before each slice, and put back at the end.
              set:KEY=a,b         a setting of the cells' workload; see `run --settings`.
              cmd:'to A','to B'   two shell commands. At the end the first one is run.
            Several knobs are switched together. The same value twice is a placebo, which shows \
            how often this machine finds a difference where there is none.

            \(InstructionLens.help) Each cell is judged by its blocks as it is by time, with their \
            spread as the measure.

            Exit codes: 0 no cell regressed, 3 at least one did, 4 at least one is inconclusive, \
            5 invalid, 1 the tool or the machine failed, 64 wrong usage, 130 interrupted.

            EXAMPLES
              plumbline toggle pipe-prealloc --knob vm.swappiness=60,10
              plumbline toggle iomap-dio-cache --knob set:fixedbufs=0,1 --cells '*/none'
              plumbline toggle smoke --cells 'pipe/*' --knob set:handicap=0,5 --budget 300s
              plumbline toggle smoke --knob set:timing=op,op --until-decided
              plumbline toggle smoke --cells '*io_uring*' --knob set:fixedbufs=0,1 --lens instructions
            """)

    /// The suite's name or file.
    @Argument(help: "A built-in suite's name, or a YAML file.") public var suite: String?
    /// Options in common with other commands.
    @OptionGroup public var common: CommonOptions
    /// When cells stop.
    @OptionGroup public var comparison: ComparisonOptions
    /// What is switched.
    @Option(
        help: ArgumentHelp(
            "What to switch, and its two values; may be given again.", valueName: "knob=a,b"))
    public var knob: [String] = []
    /// What is compared.
    @Option(
        help: ArgumentHelp(
            "What to compare: wall (time), or the kernel's instructions.", valueName: "lens"))
    public var lens = Lens.wall
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Another agent.
    @Option(
        help: ArgumentHelp(
            "The agent to run, in place of the one beside plumbline.", valueName: "path"))
    public var agent: String?
    /// Whether to print the document's schema and no more.
    @Flag(help: "Print the JSON Schema of what --format json prints, and run nothing.")
    public var schema = false

    /// Made by the argument parser.
    public init() {}

    /// Measures and judges.
    public func run(on console: Console) async throws -> Int32 {
        if schema {
            console.document(ReportSchema.text)
            return 0
        }
        guard suite != nil else {
            let names = SuiteSource.builtInNames.joined(separator: ", ")
            throw PlumblineError.usage(
                "toggle: missing a suite",
                remedy: "name a YAML file or one of \(names); see `plumbline toggle --help`")
        }
        let plan = common.resume && knob.isEmpty ? nil : try plan(console)
        if common.list, let plan {
            console.document(Self.list(plan))
            return 0
        }
        LeavingsWarning.give(on: console, quiet: common.quiet)
        try Interrupts.catch()
        let agent = try agent ?? AgentExecutable.find(in: console.environment["PATH"] ?? "")
        return common.resume
            ? try await resume(plan, agent, console) : try await start(plan, agent, console)
    }

    /// The suite; `run` lets none be missing.
    private var toldSuite: String { suite ?? "" }

    private func plan(_ console: Console) throws(PlumblineError) -> ToggleController.Plan {
        let knobs = try Knob.parse(knob)
        let overrides = try Overrides(
            assignments: common.set, slice: common.slice, slices: nil,
            allowDestructive: common.allowDestructive)
        let suite = try common.plan(of: toldSuite, overrides, console)
        return try ToggleController.Plan(
            suite: suite, knobs: knobs, stopping: comparison.stopping(suite),
            equivalence: comparison.margin(), lens: lens)
    }

    private func start(
        _ plan: ToggleController.Plan?, _ agent: String, _ console: Console
    ) async throws -> Int32 {
        let plan = try plan ?? self.plan(console)
        let writer = try common.journal(of: plan.suite)
        return try await start(plan, agent, console, writer)
    }

    private func start(
        _ plan: ToggleController.Plan, _ agent: String, _ console: Console,
        _ writer: JournalWriter
    ) async throws -> Int32 {
        defer { writer.removeIfEmpty() }
        let seed = common.seed ?? .random(in: 0...UInt64(UInt32.max))
        let progress = ProgressReporter(console, quiet: common.quiet)
        defer { progress.clear() }
        let outcome = try await controller(agent, progress).run(
            plan, seed: seed, options: told, journal: writer)
        progress.clear()
        return try finish(outcome, writer, console)
    }

    private func resume(
        _ plan: ToggleController.Plan?, _ agent: String, _ console: Console
    ) async throws -> Int32 {
        let path = try common.journalToResume()
        let (writer, found) = try JournalWriter.resume(at: path)
        guard let journal = found else {
            console.diagnostics("plumbline: \(path) holds no slice yet: the toggle begins anew\n")
            return try await start(plan ?? self.plan(console), agent, console, writer)
        }
        try refuseOther(plan, journal.header, path)
        for warning in journal.warnings { console.diagnostics("plumbline: \(warning)\n") }
        let progress = ProgressReporter(console, quiet: common.quiet)
        defer { progress.clear() }
        let outcome = try await controller(agent, progress).resume(journal, journal: writer)
        progress.clear()
        return try finish(outcome, writer, console)
    }

    private func refuseOther(
        _ plan: ToggleController.Plan?, _ header: JournalHeader, _ path: String
    ) throws(PlumblineError) {
        let stored = try ToggleController.Plan(header, in: path)
        var name = header.suite.name
        if plan == nil { name = try SuiteParser.parse(SuiteSource.find(toldSuite)).name }
        guard plan == nil || plan == stored, name == header.suite.name,
            common.seed == nil || common.seed == header.seed
        else {
            throw .usage(
                "\(path) holds another toggle: it was begun with "
                    + "'\(header.options.joined(separator: " "))'",
                remedy: "resume with the same options or without --knob, or start another journal")
        }
    }

    private func controller(_ agent: String, _ progress: ProgressReporter) -> ToggleController {
        ToggleController(
            .init(executable: agent), isInterrupted: { Interrupts.pending != nil },
            report: { progress.show($0) })
    }

    private func finish(
        _ outcome: RunController.Outcome, _ writer: JournalWriter, _ console: Console
    ) throws -> Int32 {
        let code = try console.printReport(
            StoredJournal(readingFrom: writer.path), format: format,
            inconclusiveIsOK: comparison.inconclusiveOk, interrupted: outcome.interrupted)
        if !common.quiet { console.diagnostics("journal: \(writer.path)\n") }
        return code
    }

    private static func list(_ plan: ToggleController.Plan) -> String {
        let slice = Decimal.time(nanoseconds: Double(plan.suite.slice))
        let guardTime = Decimal.time(nanoseconds: Double(plan.suite.guardTime))
        let seconds = ToggleController.plannedTime(plan) / 1_000_000_000
        let comparison = plan.comparison
        return plan.suite.cells.map { $0.name + "\n" }.joined()
            + "\nA: \(comparison.arms.a.label)\nB: \(comparison.arms.b.label)\n"
            + "\(plan.suite.cells.count) cells x at most "
            + "\(comparison.mostBlocks ?? comparison.blocks) blocks of 4 slices of \(slice) "
            + "with a guard of \(guardTime):\n"
            + "at most \(ProgressReporter.words(for: .seconds(seconds))), and the time to set up\n"
    }

    /// The options that shape the measurement, as they were told.
    private var told: [String] {
        var options = knob.flatMap { ["--knob", $0] }
        options += common.cells.flatMap { ["--cells", $0] }
        options += common.set.flatMap { ["--set", $0] }
        if let slice = common.slice { options += ["--slice", slice] }
        options += comparison.told
        if lens != .wall { options += ["--lens", lens.rawValue] }
        if let seed = common.seed { options += ["--seed", "\(seed)"] }
        if common.allowDestructive { options.append("--allow-destructive") }
        return [toldSuite] + options
    }
}
