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
            Both kernels are up at the same time in guests of their own; short slices alternate \
            between them in blocks of four (ABBA or BAAB by a coin), over several rounds of fresh \
            boots. Each cell gets a verdict: improved, regressed, equivalent, inconclusive, or \
            invalid. No root is needed.

            A KERNEL is a variant's name (6.12, 6.12+pipe-prealloc, 7.2-pipe-prealloc, …; see \
            `plumbline kernel list`), which is built when it is not there yet, a bzImage, or \
            git:DIR@REF, which is built from that commit.

            --lens instructions boots guests of one CPU whose clock is the number of \
            instructions: a change of 0.1% shows in seconds, and effects of parallelism not at \
            all. It is judged by how well boots repeat. (The PMU that KVM may give a guest is not \
            used.)

            A guest that panics, warns, hangs or runs out of memory voids its round, and the cell \
            it did so over is invalid. One whose clock source changes voids its round only.

            Exit codes: 0 no cell regressed, 3 at least one did, 4 at least one is inconclusive, \
            5 invalid, 1 the tool or the machine failed, 64 wrong usage, 130 interrupted.

            EXAMPLES
              plumbline ab pipe-prealloc --a 6.12 --b 6.12+pipe-prealloc --quick
              plumbline ab iomap-dio-cache --a 6.12 --b 6.12+dio-cache --cells '*/none'
              plumbline ab smoke --a 6.12 --b 6.12+dio-cache --lens instructions
              plumbline ab pipe-prealloc --a git:~/linux@v7.2 --b git:~/linux@my-branch
              plumbline ab smoke --a old/bzImage --b new/bzImage --cpus 4 --memory 2g
            """)

    /// The suite's name or file.
    @Argument(help: "A built-in suite's name, or a YAML file.") public var suite: String
    /// Options in common with other commands.
    @OptionGroup public var common: CommonOptions
    /// When cells stop.
    @OptionGroup public var comparison: ComparisonOptions
    /// The machines.
    @OptionGroup(title: "Options of the guests") public var guest: GuestOptions
    /// The baseline.
    @Option(help: ArgumentHelp("The baseline's kernel.", valueName: "kernel"))
    public var a: String?
    /// The candidate.
    @Option(help: ArgumentHelp("The candidate's kernel.", valueName: "kernel"))
    public var b: String?
    /// Pairs of boots.
    @Option(
        help: ArgumentHelp(
            "Rounds of boots. Default: 3; 2 with --lens instructions.", valueName: "number"))
    public var rounds: Int?
    /// Whether one guest is up at a time.
    @Flag(
        help: ArgumentHelp(
            "One guest at a time, where memory is short: each block is a pair of boots.",
            discussion: "It takes 6 rounds at least; default 8."))
    public var alternate = false
    /// Whether less time will do.
    @Flag(help: "A budget of 24s a cell unless --budget says otherwise.")
    public var quick = false
    /// A whole configuration of the user's own.
    @Option(
        help: ArgumentHelp(
            "Build with this kernel configuration in place of ours.", valueName: "file"))
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
        let cells = try common.suite(named: suite, overrides, console)
        let stopping = try stopping(cells)
        let margin = try comparison.margin()
        if common.list {
            console.document(list(cells, stopping, margin))
            return 0
        }
        // What is wrong with the journal shows before kernels are built.
        let measurement = try Measurement(common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        try Interrupts.catch()
        let agent = try common.findAgent(console)
        let (a, b) = try await arms(cells, agent, console)
        var plan = Plan.ab(
            cells, a: a.machine, b: b.machine, stopping: stopping, equivalence: margin,
            rounds: alternate ? nil : roundCount, metric: lens, seed: common.chosenSeed,
            arguments: console.arguments)
        plan.comparison?.claims = KernelChange.claims(
            on: cells, changes: b.changes.subtracting(a.changes))
        let target = GuestPairTarget(
            a: a.machine, b: b.machine, host: .init(executable: agent), alternates: alternate,
            isInterrupted: Measurement.isInterrupted, report: measurement.report)
        let outcome = try await measurement.run(
            measurement.settle(plan, isComplete: true), on: target)
        let code = try console.printReport(
            StoredJournal(readingFrom: measurement.writer.path), format: format,
            inconclusiveIsOK: comparison.inconclusiveOk, interrupted: outcome.interrupted)
        measurement.tellJournal(console)
        return code
    }

    private var lens: Lens { guest.lens ?? .wall }

    private var roundCount: Int { rounds ?? (alternate ? 8 : lens == .wall ? 3 : 2) }

    private func stopping(_ suite: SuiteRecord) throws(PlumblineError) -> StoppingPlan {
        let least = alternate ? StoppingPlan.leastBlocks : lens == .instructions ? 2 : 1
        guard (least...1000).contains(roundCount) else {
            throw .usage(
                "--rounds: \(roundCount) is out of range",
                remedy: "here it goes from \(least) to 1000")
        }
        if alternate {
            guard lens == .wall,
                !comparison.setsLength
            else {
                throw .usage(
                    "--alternate takes neither a budget nor --lens instructions",
                    remedy: "give --rounds, the number of pairs of boots")
            }
            return try StoppingPlan(blocks: roundCount)
        }
        if lens == .instructions {
            guard comparison.budget == nil, !comparison.untilDecided else {
                throw .usage(
                    "--lens instructions has no budget", remedy: "give --rounds in its place")
            }
            return try StoppingPlan(repeated: comparison.blocks ?? 2 * roundCount)
        }
        var comparison = comparison
        if quick, comparison.budget == nil, comparison.blocks == nil { comparison.budget = "24s" }
        let stopping = try comparison.stopping(suite)
        guard stopping.blocks >= 2 * roundCount else {
            throw .usage(
                "\(stopping.blocks) blocks are too few for \(roundCount) rounds of boots",
                remedy: "give a longer --budget, or fewer --rounds")
        }
        return stopping
    }

    private func list(
        _ cells: SuiteRecord, _ stopping: StoppingPlan, _ margin: Double
    ) -> String {
        let machine = GuestPairTarget.Machine(label: "", place: "", agent: .init(executable: ""))
        let plan = Plan.ab(
            cells, a: machine, b: machine, stopping: stopping, equivalence: margin,
            rounds: alternate ? nil : roundCount, seed: 0)
        let time = ProgressReporter.words(for: .nanoseconds(plan.plannedTime))
        return cells.cells.map { $0.name + "\n" }.joined()
            + "\nA: \(a ?? "?")\nB: \(b ?? "?")\n"
            + "\(Decimal.count(cells.cells.count, "cell")) x at most \(stopping.blocks) blocks "
            + "of 4 slices in \(Decimal.count(roundCount, "round")) of boots:\n"
            + "at most \(time), and the time to build, boot and set up\n"
    }

    private func arms(
        _ suite: SuiteRecord, _ agent: String, _ console: Console
    ) async throws -> (KernelArm, KernelArm) {
        guard let a, let b else {
            throw PlumblineError.usage(
                "ab: missing --\(self.a == nil ? "a" : "b")",
                remedy: "name two kernels, such as --a 6.12 --b 6.12+pipe-prealloc")
        }
        let source = KernelArmSource(
            guest: guest, suite: suite, config: config, guests: alternate ? 1 : 2, agent: agent,
            console: console,
            quiet: common.quiet)
        return try await source.arms(a, b)
    }
}
