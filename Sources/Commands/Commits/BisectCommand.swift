// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Experiment
import Journal
import Kernels
import Linux
import Protocol
import Reports
import Suites
import Verdicts

/// `plumbline bisect`: finds the commit that changed the speed of one cell.
public struct BisectCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "bisect",
        abstract: "Find the commit that changed the speed of one cell.",
        discussion: """
            First, the bad commit is compared with the good one, in all planned rounds. It may be \
            slower or faster. If no difference is shown, there is nothing to bisect. Then `git \
            bisect run` chooses commits. Each is built, booted and compared with the good one \
            until it is decided whether its effect is nearer to that of the bad commit or to none: \
            bad is a commit that differs as the bad one does, by at least half as much; good is \
            one that differs by less than half of that. A commit that does not build, does not \
            boot or is not decided is skipped, with the reason.

            git bisects in a private worktree without files. The checkout, the refs and a \
            bisection of yours are not touched. After Ctrl-C, the same command \
            goes on: steps that were decided are read from their journals in --output.

            Exit codes: 0 the first bad commit was found, 4 the good and the bad commit do not \
            differ, or skipped commits leave several candidates, 5 invalid, 1 an error of the tool \
            or the machine, 64 usage error, 130 interrupted.

            EXAMPLES
              plumbline bisect smoke --good v7.1 --bad v7.2 --cells 'pipe 1w1r 4k'
              plumbline bisect smoke --good v7.2 --bad next --cells 'pipe 1w1r 4k' --list
              plumbline bisect --schema
            """)

    /// The suite's name or file.
    @Argument(help: "The name of a built-in suite, or a YAML file.", completion: .suites)
    public var suite: String?
    /// The older commit.
    @Option(
        help: ArgumentHelp("The commit without the change.", valueName: "commit"),
        completion: .commits)
    public var good: String?
    /// The newer commit.
    @Option(
        help: ArgumentHelp("The commit with the change.", valueName: "commit"),
        completion: .commits)
    public var bad: String?
    /// Measuring time.
    @Option(
        help: ArgumentHelp(
            "Measuring time of the first comparison, and the expected one of a step. Default: 60s.",
            valueName: "time"))
    public var budget: String?
    /// The cap of a step.
    @Option(
        help: ArgumentHelp(
            "The maximum measuring time of a step. Default: 10 times --budget.", valueName: "time"))
    public var maxBudget: String?
    /// How commits are built and compared.
    @OptionGroup public var options: CommitOptions

    /// Made by the argument parser.
    public init() {}

    /// Bisects.
    public func run(on console: Console) async throws -> Int32 {
        if options.schema {
            console.document(ReportFormat.bisectionSchemaText)
            return 0
        }
        try options.format.checkWithoutCells()
        let common = options.common
        guard !common.resume else {
            throw PlumblineError.usage(
                "--resume is not needed with bisect", remedy: "run the same command again")
        }
        let comparison = try comparison(console)
        let git = try await options.git()
        let good = try await git.commit(given(self.good, "--good"), option: "--good")
        let bad = try await git.commit(given(self.bad, "--bad"), option: "--bad")
        let count = try await git.count(from: good, to: bad, options: ("--good", "--bad"))
        try common.refuseDryRun()
        if common.list {
            console.document(
                try list(good: good, bad: bad, commits: count, comparison: comparison))
            return 0
        }
        let directory = try JournalDirectory(
            common.output ?? "plumbline-bisect-\(comparison.suite.name)-\(good.short)-\(bad.short)",
            arguments: console.arguments, commits: [good, bad], comparison: comparison)
        let direction = try await VerdictReport(
            comparison.journal(
                a: options.kernel(good), b: options.kernel(bad),
                at: directory.journal(a: good, b: bad), console))
        guard direction.cells[0].outcome.isDifference, let effect = direction.cells[0].effect
        else { return try refuse(direction, on: console) }
        return try await bisect(
            good: good, bad: bad, direction: direction, effect: effect, git: git,
            journals: directory, on: console)
    }

    /// - Throws: `usage` for what is missing.
    private func given(_ text: String?, _ what: String) throws(PlumblineError) -> String {
        guard let text else {
            throw .usage("bisect: missing \(what)", remedy: "see `plumbline bisect --help`")
        }
        return text
    }

    /// How two commits are compared at first: in all planned rounds, so that the size of the effect
    /// is not the one that ended a test early.
    private func comparison(_ console: Console) throws -> KernelComparison {
        let suite = try options.guest.metric.suite(named: given(suite, "a suite"))
        let cells = try options.cells(of: suite, console)
        guard cells.cells.count == 1 else {
            throw PlumblineError.usage(
                "bisect needs one cell, and \(cells.cells.count) of \(cells.name) match",
                remedy: "name one with --cells: "
                    + cells.cells.prefix(5).map(\.label).joined(separator: ", "))
        }
        return try options.comparison(of: cells, in: suite, equivalence: 0.02) {
            (cells, metric) throws(PlumblineError) in
            try stopping(cells, metric: metric, isStep: false)
        }
    }

    /// How a step compares a commit with the good one.
    ///
    /// - Parameter effect: the bad commit's, percent.
    func stepComparison(bad effect: Double, _ console: Console) throws -> KernelComparison {
        var step = try comparison(console)
        step.stopping = try stopping(step.suite, metric: step.metric, isStep: true)
        step.equivalence = BisectionAnswer.margin(ofBad: effect)
        return step
    }

    private func stopping(
        _ cells: SuiteRecord, metric: Metric, isStep: Bool
    ) throws(PlumblineError) -> StoppingPlan {
        let rounds = try options.boots.count(metric)
        if metric == .instructions {
            guard budget == nil, maxBudget == nil else {
                throw .usage(
                    "--budget and --max-budget are not supported with --metric instructions",
                    remedy: "give --rounds")
            }
            return try StoppingPlan(repeated: 2 * rounds, rounds: rounds)
        }
        let expected = try ComparisonOptions.time(budget ?? "60s", "--budget")
        let longest = try maxBudget.map { (text) throws(PlumblineError) in
            try ComparisonOptions.time(text, "--max-budget")
        }
        // What is wrong with a step's time shows before anything is measured.
        let step = try StoppingPlan(
            untilDecided: expected, longest: longest ?? 10 * expected, suite: cells, rounds: rounds)
        return isStep
            ? step
            : try StoppingPlan(budget: expected, suite: cells, rounds: rounds).judgedOnce()
    }

    /// Shows why there is nothing to bisect.
    ///
    /// - Returns: 5 where the comparison is invalid, else 4.
    private func refuse(
        _ direction: VerdictReport, on console: Console
    ) throws(PlumblineError) -> Int32 {
        try console.show(direction, as: options.format)
        let outcome = direction.cells[0].outcome
        console.diagnostics(
            "plumbline: nothing to bisect: the bad commit against the good one is "
                + "\(outcome.rawValue)\n")
        return outcome == .invalid ? 5 : 4
    }

    private func list(
        good: Commit, bad: Commit, commits: Int, comparison: KernelComparison
    ) throws -> String {
        var step = comparison
        step.stopping = try stopping(step.suite, metric: step.metric, isStep: true)
        let steps = commits > 1 ? Int.bitWidth - (commits - 1).leadingZeroBitCount : 0
        let most = ProgressReporter.words(for: .nanoseconds(step.plan(a: good, b: bad).plannedTime))
        return CellList(plan: comparison.plan(a: good, b: bad)).text
            + "\(Decimal.count(commits, "commit")), about \(Decimal.count(steps, "step")): each at "
            + "most \(most), plus a build, boots and setup\n"
    }
}
