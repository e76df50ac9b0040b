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
        guard let suite else {
            let names = SuiteSource.builtInNames.joined(separator: ", ")
            throw PlumblineError.usage(
                "toggle: missing a suite",
                remedy: "name a YAML file or one of \(names); see `plumbline toggle --help`")
        }
        let plan = common.resume && knob.isEmpty ? nil : try plan(suite, console)
        if common.list, let plan {
            console.document(Self.list(plan))
            return 0
        }
        LeavingsWarning.give(on: console, quiet: common.quiet)
        try Interrupts.catch()
        let agent = try common.findAgent(console)
        let name = try SuiteParser.parse(SuiteSource.find(suite)).name
        let measurement = try Measurement(common, suite: name, console)
        defer { measurement.writer.removeIfEmpty() }
        let settled = try settle(plan, suite, measurement, console)
        let target = try MachineTarget(
            settled, agent: .init(executable: agent), isInterrupted: Measurement.isInterrupted,
            report: measurement.report)
        let outcome = try await measurement.run(settled, on: target)
        let code = try console.printReport(
            StoredJournal(readingFrom: measurement.writer.path), format: format,
            inconclusiveIsOK: comparison.inconclusiveOk, interrupted: outcome.interrupted)
        measurement.tellJournal(console)
        return code
    }

    /// The plan to measure; without a knob on the command line it is the journal's.
    private func settle(
        _ plan: Plan?, _ suite: String, _ measurement: Measurement, _ console: Console
    ) throws(PlumblineError) -> Plan {
        if let plan { return try measurement.settle(plan, isComplete: true) }
        guard let stored = measurement.stored else { return try self.plan(suite, console) }
        var same = stored.header.plan
        same.kind = .toggle
        same.suite.name = try SuiteParser.parse(SuiteSource.find(suite)).name
        return try measurement.settle(same, isComplete: false)
    }

    private func plan(_ suite: String, _ console: Console) throws(PlumblineError) -> Plan {
        let knobs = try Knob.parse(knob)
        let overrides = try Overrides(
            assignments: common.set, slice: common.slice, slices: nil,
            allowDestructive: common.allowDestructive)
        let cells = try common.suite(named: suite, overrides, console)
        return try Plan.toggle(
            cells, knobs: knobs, stopping: comparison.stopping(cells),
            equivalence: comparison.margin(), metric: lens, seed: common.chosenSeed,
            arguments: console.arguments)
    }

    private static func list(_ plan: Plan) -> String {
        let slice = Decimal.time(nanoseconds: Double(plan.suite.slice))
        let guardTime = Decimal.time(nanoseconds: Double(plan.suite.guardTime))
        let time = ProgressReporter.words(for: .nanoseconds(plan.plannedTime))
        guard let comparison = plan.comparison else { return "" }
        return plan.suite.cells.map { $0.name + "\n" }.joined()
            + "\nA: \(comparison.arms.a.label)\nB: \(comparison.arms.b.label)\n"
            + "\(plan.suite.cells.count) cells x at most "
            + "\(comparison.mostBlocks ?? comparison.blocks) blocks of 4 slices of \(slice) "
            + "with a guard of \(guardTime):\n"
            + "at most \(time), and the time to set up\n"
    }
}
