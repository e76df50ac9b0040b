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

/// The options of every command that builds commits of a repository and compares them in guests.
public struct CommitOptions: ParsableArguments {
    /// The repository.
    @Option(
        help: ArgumentHelp(
            "The repository's directory.", valueName: "directory"),
        completion: .directory)
    public var repo = "."
    /// Options in common with other commands.
    @OptionGroup public var common: CommonOptions
    /// The machines.
    @OptionGroup(title: "Options of the guests") public var guest: GuestOptions
    /// Pairs of boots.
    @OptionGroup public var boots: RoundOptions
    /// Layouts of the kernels.
    @OptionGroup public var relinks: RelinkOptions
    /// A whole configuration of the user's own.
    @Option(
        help: ArgumentHelp(
            "Build with this kernel configuration instead of ours.", valueName: "file"),
        completion: .file())
    public var config: String?
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Whether to print the document's schema only.
    @Flag(help: "Print the JSON Schema of the output of --format json, and exit.")
    public var schema = false

    /// Made by the argument parser.
    public init() {}

    /// Git in the repository, once signals are caught.
    ///
    /// - Throws: `usage` for a directory that is not in one.
    func git() async throws -> Git {
        try Interrupts.catch()
        Git.forgetCaller()
        let git = Git(in: repo, isInterrupted: Measurement.isInterrupted)
        try await git.check()
        return git
    }

    /// A commit as a kernel.
    func kernel(_ commit: Commit) -> KernelName {
        KernelName(text: "git:\(repo)@\(commit.hash)", option: "--repo")
    }

    /// The cells of a suite that were asked for.
    ///
    /// - Throws: `usage` for a suite, a cell or a setting that is wrong.
    func cells(
        of suite: SuiteSource, controls: Bool = false, _ console: Console
    ) throws(PlumblineError) -> SuiteRecord {
        let overrides = try Overrides(
            assignments: common.set, slice: common.slice, slices: nil,
            allowDestructive: common.allowDestructive)
        return try common.suite(from: suite, overrides, controls: controls, console)
    }

    /// How two commits are compared in these cells.
    ///
    /// - Parameters:
    ///   - suite: the suite's name or file.
    ///   - equivalence: ±X as a fraction.
    ///   - stopping: when a cell stops, by the cells with the slices that they have.
    /// - Throws: `usage` for options that exclude each other or allow no verdict.
    func comparison(
        of cells: SuiteRecord, in suite: SuiteSource, equivalence: Double,
        stopping: (SuiteRecord, Metric) throws(PlumblineError) -> StoppingPlan
    ) throws(PlumblineError) -> KernelComparison {
        let metric = try guest.metric.chosen(for: cells, inGuest: true)
        let isShort = try common.hasShortSlices(of: suite, byTime: metric == .time)
        let cells = isShort ? cells.withShortSlices() : cells
        let rounds = try boots.count(metric)
        return KernelComparison(
            common: common, guest: guest, suite: cells, metric: metric,
            stopping: try stopping(cells, metric), equivalence: equivalence, rounds: rounds,
            relinks: try relinks.plan(rounds: rounds), config: config, hasShortSlices: isShort)
    }
}

extension KernelComparison {
    /// What would be measured of two commits, for a list.
    func plan(a: Commit, b: Commit) -> Plan {
        func machine(_ commit: Commit) -> GuestMachine {
            .init(label: commit.description, place: "", agent: .init(executable: ""))
        }
        return Plan.ab(
            suite, a: machine(a), b: machine(b), stopping: stopping, equivalence: equivalence,
            rounds: rounds, seed: 0)
    }
}
