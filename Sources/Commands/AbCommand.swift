// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Experiment
import Journal
import Kernels
import Linux
import Machine
import Protocol
import Reports
import Suites

/// `plumbline ab`: boots two kernels and compares them.
public struct AbCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "ab",
        abstract: "Boot two kernels side by side and compare them, with a verdict.",
        discussion: """
            Each kernel runs in its own guest, both at the same time. Short slices alternate \
            between them in blocks of four: ABBA or BAAB, at random. Both guests boot again in \
            each round. A verdict rests on the rounds: each counts as one value, the mean of its \
            blocks. Results are tested at most once for every two rounds. Each cell gets a \
            verdict: improved, regressed, equivalent, images-differ, inconclusive or invalid. \
            Root is not needed.

            A kernel is the name of a variant (6.12, 6.12+pipe-prealloc, 7.2-pipe-prealloc, …; \
            see `plumbline kernel list`), a bzImage, or a commit, git:DIR@REF. Variants and \
            commits are built if they are not in the cache.

            Two images differ in code layout, too. Kernels that can be built are therefore linked \
            several times, with padding of different sizes before their functions, and each round \
            draws a layout for each of them (--relinks). Without relinks, a difference whose \
            interval comes nearer to 0 than 3% is no verdict on the patch: images-differ.

            --metric instructions boots emulated guests with one CPU whose clock counts \
            instructions. It does not see effects of parallelism, and says nothing of time. The \
            verdict rests on how well boots repeat. The virtual PMU of KVM is not used.

            If a guest panics, warns, hangs or runs out of memory, the round is void and the cell \
            is invalid. If the clock source of a guest changes, only the round is void.

            Exit codes: 0 no cell regressed, 3 at least one did, 4 at least one is inconclusive \
            or images-differ, 5 invalid, 1 an error of the tool or the machine, 64 usage error, \
            130 interrupted.

            EXAMPLES
              plumbline ab pipe-prealloc --a 6.12 --b 6.12+pipe-prealloc --quick
              plumbline ab iomap-dio-cache --a 6.12 --b 6.12+dio-cache --cells '*/none'
              plumbline ab smoke --a 6.12 --b 6.12+dio-cache --metric instructions
              plumbline ab pipe-prealloc --a git:~/linux@v7.2 --b git:~/linux@my-branch
              plumbline ab smoke --a old/bzImage --b new/bzImage --cpus 4 --memory 2g
              plumbline ab smoke --a 6.12 --b 6.12 --append-b transparent_hugepage=never
              plumbline ab demo --a 6.12 --b 6.12 --comparisons 20 --budget 8s
            """)

    /// The suite's name or file.
    @Argument(help: "The name of a built-in suite, or a YAML file.") public var suite: String
    /// Options in common with other commands.
    @OptionGroup public var common: CommonOptions
    /// When cells stop.
    @OptionGroup public var comparison: ComparisonOptions
    /// What was published before.
    @OptionGroup public var published: ClaimOptions
    /// The machines.
    @OptionGroup(title: "Options of the guests") public var guest: GuestOptions
    /// The baseline.
    @Option(help: ArgumentHelp("The kernel of the baseline.", valueName: "kernel"))
    public var a: String?
    /// The candidate.
    @Option(help: ArgumentHelp("The kernel of the candidate.", valueName: "kernel"))
    public var b: String?
    /// What only the baseline's kernel gets.
    @Option(help: ArgumentHelp("Like --append, for the guest of --a only.", valueName: "words"))
    public var appendA: [String] = []
    /// What only the candidate's kernel gets.
    @Option(help: ArgumentHelp("Like --append, for the guest of --b only.", valueName: "words"))
    public var appendB: [String] = []
    /// Pairs of boots.
    @OptionGroup public var boots: RoundOptions
    /// Comparisons of a kernel with itself.
    @OptionGroup public var placebos: PlaceboOptions
    /// Layouts of the kernels.
    @OptionGroup public var relinks: RelinkOptions
    /// Whether one guest is up at a time.
    @Flag(
        help: ArgumentHelp(
            "Run one guest at a time, to save memory: each block is a pair of boots."))
    public var alternate = false
    /// Whether less time will do.
    @Flag(help: "Use a budget of 24s per cell, unless --budget or --blocks is given.")
    public var quick = false
    /// A whole configuration of the user's own.
    @Option(
        help: ArgumentHelp(
            "Build with this kernel configuration instead of ours.", valueName: "file"))
    public var config: String?
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text

    /// Made by the argument parser.
    public init() {}

    /// Boots, measures and judges.
    public func run(on console: Console) async throws -> Int32 {
        let overrides = try Overrides(
            assignments: common.set, slice: common.slice, slices: nil,
            allowDestructive: common.allowDestructive)
        var cells = try common.suite(
            named: suite, overrides, controls: comparison.controls, console)
        let metric = try guest.metric.chosen(inGuest: true)
        let isShort = common.slice == nil && metric == .time && !alternate
        if isShort { cells = cells.withShortSlices() }
        let stopping = try stopping(cells, metric: metric)
        let rounds = alternate ? nil : try boots.count(metric)
        let margin = try comparison.margin()
        try placebos.check(self)
        let layouts = try relinks.plan(rounds: boots.count(metric))
        if common.list {
            console.document(list(cells, stopping: stopping, margin: margin, rounds: rounds))
            return 0
        }
        if common.dryRun {
            DryRunList.show(
                guests: [a, b].compactMap { $0 },
                driveDirectory: guest.driveDirectory ?? "/var/tmp", on: console)
            return 0
        }
        // What is wrong with a file shows before kernels are built.
        try published.check(for: cells, named: suite)
        let measurement = try Measurement(common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        try Interrupts.catch()
        let agent = try common.findAgent(console)
        let (a, b) = try await arms(for: cells, layouts, agent: agent, console)
        var plan = Plan.ab(
            cells, a: a.machine, b: b.machine, stopping: stopping, equivalence: margin,
            rounds: rounds, relinks: a.paddings, metric: metric, seed: common.chosenSeed,
            arguments: console.arguments)
        if isShort { plan = plan.withShortSlices() }
        plan = placebos.repeating(plan)
        plan.comparison?.claims = try published.records(
            on: cells, changes: b.changes.subtracting(a.changes))
        plan = try measurement.settle(plan, isComplete: true)
        let target = GuestPairTarget(
            a: a.machine, b: b.machine, host: .init(executable: agent), alternates: alternate,
            schedule: Schedule(plan), isInterrupted: Measurement.isInterrupted,
            report: measurement.report)
        let outcome = try await measurement.run(plan, on: target)
        if placebos.comparisons != nil {
            return try placebos.finish(measurement, outcome, as: format, on: console)
        }
        let code = try console.printReport(
            StoredJournal(readingFrom: measurement.writer.path), format: format,
            inconclusiveIsOK: comparison.inconclusiveOk, interrupted: outcome.interrupted)
        measurement.printJournal(console)
        return code
    }

    private func stopping(
        _ suite: SuiteRecord, metric: Metric
    ) throws(PlumblineError) -> StoppingPlan {
        if alternate {
            let rounds = try boots.count(metric)
            guard metric == .time, !comparison.setsLength else {
                throw .usage(
                    "--alternate is not supported with --budget, --max-budget, --blocks, "
                        + "--until-decided or --metric instructions",
                    remedy: "give --rounds, the number of pairs of boots")
            }
            let plan = try StoppingPlan(blocks: rounds, rounds: rounds)
            return comparison.noEarlyStop ? plan.judgedOnce() : plan
        }
        var comparison = comparison
        if quick, metric == .time, comparison.budget == nil, comparison.blocks == nil {
            comparison.budget = "24s"
        }
        return try boots.stopping(suite, metric: metric, comparison)
    }

    private func list(
        _ cells: SuiteRecord, stopping: StoppingPlan, margin: Double, rounds: Int?
    ) -> String {
        func machine(_ kernel: String?, _ words: [String]) -> GuestMachine {
            let name = KernelName(text: kernel ?? "?", option: "", words: words)
            return .init(label: name.label, place: "", agent: .init(executable: ""))
        }
        let plan = Plan.ab(
            cells, a: machine(a, appendA), b: machine(b, appendB), stopping: stopping,
            equivalence: margin, rounds: rounds, seed: 0)
        return CellList(plan: placebos.repeating(plan)).text
    }

    private func arms(
        for suite: SuiteRecord, _ relinks: RelinkPlan, agent: String, _ console: Console
    ) async throws -> (KernelArm, KernelArm) {
        guard let a, let b else {
            throw PlumblineError.usage(
                "ab: missing --\(self.a == nil ? "a" : "b")",
                remedy: "name two kernels, such as --a 6.12 --b 6.12+pipe-prealloc")
        }
        let source = KernelArmSource(
            guest: guest, suite: suite, config: config, guests: alternate ? 1 : 2, agent: agent,
            console: console, quiet: common.quiet, relinks: relinks)
        let arms = try await source.arms([
            KernelName(text: a, option: "--a", words: appendA),
            KernelName(text: b, option: "--b", words: appendB),
        ])
        return (arms[0], arms[1])
    }
}
