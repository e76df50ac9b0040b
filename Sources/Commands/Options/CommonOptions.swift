// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Experiment
import Journal
import Linux
import Protocol
import Suites

/// The options of every command that measures.
public struct CommonOptions: ParsableArguments {
    /// Where the journal goes.
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The journal's file.",
            discussion: "Default: plumbline-SUITE-TIME.jsonl in the current directory.",
            valueName: "journal"))
    public var output: String?

    /// Which cells to measure.
    @Option(
        help: ArgumentHelp(
            "Only cells whose name matches, such as 'pipe/*/memcg*'; may be given again.",
            valueName: "glob"))
    public var cells: [String] = []

    /// Values in the place of the suite's.
    @Option(
        help: ArgumentHelp(
            "A value for a setting of all cells of a workload or pressure; may be given again.",
            discussion: "Such as --set pipe.msgsize=4k or --set memcg.limit=128m. Cells that it "
                + "makes equal are measured as one.",
            valueName: "workload.key=value"))
    public var set: [String] = []

    /// The measured part of a slice.
    @Option(help: ArgumentHelp("How long a slice measures, such as 0.5s.", valueName: "time"))
    public var slice: String?

    /// Decides the order.
    @Option(
        help: ArgumentHelp(
            "Decides the order of the cells and the data. Default: a random one, kept in the "
                + "journal.", valueName: "number"))
    public var seed: UInt64?

    /// Whether to go on with a journal.
    @Flag(help: "Go on with the journal named by --output, after a kill or an interruption.")
    public var resume = false

    /// Whether to keep silent.
    @Flag(name: .shortAndLong, help: "No progress on standard error, only errors.")
    public var quiet = false

    /// Whether to show only what would run.
    @Flag(help: "Print the cells and the planned time, and run nothing.")
    public var list = false

    /// Whether block devices may be written.
    @Flag(
        help: ArgumentHelp(
            "Allow writing to a block device that the suite names, which destroys its data.",
            discussion: "One that is mounted, in use or partitioned is refused all the same."))
    public var allowDestructive = false

    /// Another agent.
    @Option(
        help: ArgumentHelp(
            "The agent to run, in place of the one beside plumbline.", valueName: "path"))
    public var agent: String?

    /// Made by the argument parser.
    public init() {}
}

extension CommonOptions {
    /// The suite's cells that were asked for; says on standard error which ones `--set` made equal.
    ///
    /// - Throws: `usage` for a suite, a setting or a glob that is wrong.
    func suite(
        named suite: String, _ overrides: Overrides, _ console: Console
    ) throws(PlumblineError) -> SuiteRecord {
        let (whole, merged) = try SuiteParser.read(
            SuiteSource.find(suite), overrides: overrides)
        let plan = try whole.selecting(cells)
        if !quiet {
            for cell in plan.cells where merged.contains(cell.name) {
                console.diagnostics(
                    "plumbline: --set made cells equal, which are measured as one: \(cell.name)\n")
            }
        }
        return plan
    }

    /// A new journal: the one named, or one named after the suite and the time.
    ///
    /// - Throws: `usage` when the file exists, `failure` when it cannot be written.
    func newJournal(of suite: String) throws(PlumblineError) -> JournalWriter {
        if let output { return try JournalWriter.create(at: output) }
        let now = Timestamp.compact(Clock.realtimeNanoseconds())
        return try JournalWriter.create(named: "plumbline-\(suite)-\(now)")
    }

    /// The seed that was given, or a random one.
    var chosenSeed: UInt64 { seed ?? .random(in: 0...UInt64(UInt32.max)) }

    /// The agent that was named, or the one beside this program or in PATH.
    ///
    /// - Throws: `failure` when there is none.
    func findAgent(_ console: Console) throws(PlumblineError) -> String {
        if let agent { return agent }
        return try AgentExecutable.find(in: console.environment["PATH"] ?? "")
    }

    /// The journal that `--resume` goes on with.
    ///
    /// - Throws: `usage` when none is named.
    func journalToResume() throws(PlumblineError) -> String {
        guard let output else {
            throw .usage(
                "--resume needs the journal to go on with", remedy: "name it with --output")
        }
        return output
    }
}
