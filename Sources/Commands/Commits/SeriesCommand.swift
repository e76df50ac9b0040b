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

/// `plumbline series`: what each patch of a series changes.
public struct SeriesCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "series",
        abstract: "Compare each patch of a series with the one before it.",
        discussion: """
            PATCHES is a range of commits (BASE..TIP), a file of mails (mbox), or the message-id \
            of a mail of the series. Mails are applied to --base by `git am` in a private \
            worktree; a message-id is fetched by b4, which needs a network. The checkout and the \
            refs are not touched, and no hook runs.

            Each patch is compared with the one before it, and the last one with the base, as `ab` \
            compares two kernels, in all planned rounds. A patch that does not build is named, and \
            the next one is compared with the one before it. The verdicts of all patches and cells \
            are held against one error rate (Holm).

            After Ctrl-C, the same command goes on with the journals in --output.

            Exit codes: those of `ab` for the worst comparison (5, then 3, then 4); 1 \
            if these are all 0 and a patch does not build.

            EXAMPLES
              plumbline series v7.2..my-branch smoke --repo ~/linux --list
              plumbline series my.mbox smoke --base v7.2 --cells '*/none'
              plumbline series 20260101.1234-1-me@example.org smoke --base v7.2
              plumbline series --schema
            """)

    /// What the patches are.
    @Argument(
        help: ArgumentHelp(
            "BASE..TIP, a file of mails, or a message-id.", valueName: "patches"),
        completion: .patches)
    public var patches: String?
    /// The suite's name or file.
    @Argument(help: "The name of a built-in suite, or a YAML file.", completion: .suites)
    public var suite: String?
    /// What mails apply to.
    @Option(
        help: ArgumentHelp("The commit that mails apply to.", valueName: "commit"),
        completion: .commits)
    public var base: String?
    /// How long cells are measured.
    @OptionGroup public var comparison: ComparisonOptions
    /// How commits are built and compared.
    @OptionGroup public var options: CommitOptions

    /// Made by the argument parser.
    public init() {}

    /// Builds, compares and shows.
    public func run(on console: Console) async throws -> Int32 {
        if options.schema {
            console.document(ReportFormat.seriesSchemaText)
            return 0
        }
        try options.format.checkWithoutCells()
        let common = options.common
        try common.refuseDryRun()
        let kernels = try kernels(console)
        let origin = try origin()
        let series = try await PatchSeries(
            origin, base: base, in: options.git(), path: console.environment["PATH"] ?? "")
        if common.list {
            console.document(list(series, kernels))
            return 0
        }
        let commits = [series.base] + series.patches
        let ends = [commits[0], commits[commits.count - 1]]
        let directory = try JournalDirectory(
            common.output
                ?? "plumbline-series-\(kernels.suite.name)-\(ends[0].short)-\(ends[1].short)",
            arguments: console.arguments, commits: ends, comparison: kernels)
        let run = SeriesRun(
            options: options, kernels: kernels, directory: directory, console: console)
        var report = try await run.report(on: series)
        report.inconclusiveIsOK = comparison.inconclusiveOk
        try console.show(report, as: options.format)
        return report.exitCode
    }

    /// How two patches are compared: in all planned rounds, so that each effect has its size.
    private func kernels(_ console: Console) throws -> KernelComparison {
        guard !options.common.resume, !comparison.untilDecided else {
            throw PlumblineError.usage(
                "--resume and --until-decided are not supported with series",
                remedy: "the same command goes on with its journals; give --budget or --rounds")
        }
        guard let suite else {
            throw PlumblineError.usage(
                "series: missing a suite", remedy: "see `plumbline series --help`")
        }
        let source = try options.guest.metric.suite(named: suite)
        let cells = try options.cells(of: source, controls: comparison.controls, console)
        return try options.comparison(of: cells, in: source, equivalence: comparison.margin()) {
            (cells, metric) throws(PlumblineError) in
            let stopping = try options.boots.stopping(cells, metric: metric, comparison)
            return metric == .time ? stopping.judgedOnce() : stopping
        }
    }

    /// What the patches are.
    ///
    /// - Throws: `usage` for neither a file, nor a range, nor a message-id.
    func origin() throws(PlumblineError) -> PatchSeries.Origin {
        guard let patches else {
            throw .usage("series: missing patches", remedy: "see `plumbline series --help`")
        }
        let isFile = !patches.isLikeOption && SystemFile.exists(patches)
        if !isFile, !patches.hasPrefix("<"), let dots = patches.firstRange(of: "..") {
            let (first, last) = (patches[..<dots.lowerBound], patches[dots.upperBound...])
            guard !first.isEmpty, !last.isEmpty, !last.hasPrefix(".") else {
                throw .usage(
                    "invalid range '\(patches)' (expected BASE..TIP)",
                    remedy: "name two commits, such as v7.2..my-branch")
            }
            guard base == nil else {
                throw .usage(
                    "--base is not supported with a range", remedy: "the range has its own")
            }
            return .range(base: String(first), tip: String(last))
        }
        if isFile { return .mailbox(patches) }
        return .message(try Self.messageID(patches))
    }

    /// A message-id without its angle brackets.
    ///
    /// - Throws: `usage` for a text that is none, or that looks like an option.
    private static func messageID(_ text: String) throws(PlumblineError) -> String {
        let isBracketed = text.hasPrefix("<") && text.hasSuffix(">")
        let id = isBracketed ? text.dropFirst().dropLast() : text[...]
        let at = id.firstIndex(of: "@")
        guard let at, at != id.startIndex, id.index(after: at) != id.endIndex,
            !id.isLikeOption, id.utf8.allSatisfy({ (33...126).contains($0) })
        else {
            throw .usage(
                "'\(text)' is not a file, a range of commits or a message-id",
                remedy: "give BASE..TIP, an mbox file, or a message-id such as "
                    + "20260101.1234-1-me@example.org")
        }
        return String(id)
    }

    private func list(_ series: PatchSeries, _ kernels: KernelComparison) -> String {
        let count = series.patches.count
        let plan = kernels.plan(a: series.base, b: series.patches[count - 1])
        let lines = series.patches.enumerated().map { "\($0 + 1)  \($1)\n" }.joined()
        let comparisons = count > 1 ? count + 1 : 1
        let time = ProgressReporter.words(for: .nanoseconds(comparisons * plan.plannedTime))
        return "base  \(series.base)\n\(lines)\n\(CellList(plan: plan).text)"
            + "\(Decimal.count(count + 1, "kernel")), "
            + "\(Decimal.count(comparisons, "comparison")): at most \(time), plus builds, boots "
            + "and setup\n"
    }
}
