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
            The knob is switched between short slices, in blocks of four: ABBA or BAAB, at \
            random. A drift of the machine affects both values alike. Each cell gets a verdict: \
            improved, regressed, equivalent, inconclusive or invalid.

            A knob is one of
              PATH=a,b            a sysctl such as vm.swappiness, or a file in sysfs; file:PATH \
            is the same. Each value is read back before the slice; the original value is restored \
            at the end.
              set:KEY=a,b         a setting of the cells' workload; see `plumbline run --settings`.
              cmd:'to A','to B'   two shell commands. The first one runs again at the end.
            Several knobs are switched together. The same value twice is a placebo: it shows how \
            often this machine reports a difference where there is none.

            \(MetricOptions.discussion)

            Exit codes: 0 no cell regressed, 3 at least one did, 4 at least one is inconclusive, \
            5 invalid, 1 an error of the tool or the machine, 64 usage error, 130 interrupted.

            EXAMPLES
              plumbline toggle pipe-prealloc --knob vm.swappiness=60,10
              plumbline toggle iomap-dio-cache --knob set:fixedbufs=0,1 --cells '*/none'
              plumbline toggle smoke --cells 'pipe/*' --knob set:handicap=0,5 --budget 300s
              plumbline toggle smoke --knob set:timing=op,op --until-decided
              plumbline toggle smoke --cells '*io_uring*' --knob set:fixedbufs=0,1 --metric pmu
            """)

    /// The suite's name or file.
    @Argument(help: "The name of a built-in suite, or a YAML file.") public var suite: String?
    /// Options in common with other commands.
    @OptionGroup public var common: CommonOptions
    /// When cells stop.
    @OptionGroup public var comparison: ComparisonOptions
    /// What is switched.
    @Option(
        help: ArgumentHelp(
            "A knob and its two values; repeatable.", valueName: "knob=a,b"))
    public var knob: [String] = []
    /// What is compared.
    @OptionGroup public var metric: MetricOptions
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Whether to print the document's schema only.
    @Flag(help: "Print the JSON Schema of the output of --format json, and exit.")
    public var schema = false

    /// Made by the argument parser.
    public init() {}

    /// Measures and judges.
    public func run(on console: Console) async throws -> Int32 {
        if schema {
            console.document(ReportFormat.schemaText)
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
            console.document(CellList(plan: plan).text)
            return 0
        }
        common.warnOfLeftovers(console)
        try Interrupts.catch()
        let agent = try common.findAgent(console)
        let name = try SuiteParser.parse(SuiteSource.find(suite)).name
        let measurement = try Measurement(common, suite: name, console)
        defer { measurement.writer.removeIfEmpty() }
        let settled = try settle(plan, suite: suite, in: measurement, console)
        let target = try MachineTarget(
            settled, agent: .init(executable: agent), isInterrupted: Measurement.isInterrupted,
            report: measurement.report)
        let outcome = try await measurement.run(settled, on: target)
        let code = try console.printReport(
            StoredJournal(readingFrom: measurement.writer.path), format: format,
            inconclusiveIsOK: comparison.inconclusiveOk, interrupted: outcome.interrupted)
        measurement.printJournal(console)
        return code
    }

    /// The plan to measure; without a knob on the command line it is the journal's.
    private func settle(
        _ plan: Plan?, suite: String, in measurement: Measurement, _ console: Console
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
        var cells = try common.suite(named: suite, overrides, console)
        let isShort = common.slice == nil
        if isShort { cells = cells.withShortSlices() }
        let plan = try Plan.toggle(
            cells, knobs: knobs, stopping: comparison.stopping(cells),
            equivalence: comparison.margin(), metric: metric.chosen(inGuest: false),
            seed: common.chosenSeed, arguments: console.arguments)
        return isShort ? plan.withShortSlices() : plan
    }
}
