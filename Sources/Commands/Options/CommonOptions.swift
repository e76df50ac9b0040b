// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Cells
import Experiment
import Journal
import Linux
import Machine
import Protocol
import Suites

/// The options of every command that measures.
public struct CommonOptions: ParsableArguments {
    /// Where the journal goes.
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The file of the journal; of `bisect` and `series`, the directory of their journals.",
            discussion: "Default: plumbline-SUITE-TIME.jsonl in the current directory.",
            valueName: "journal"), completion: .journals)
    public var output: String?

    /// Which cells to measure.
    @Option(
        help: ArgumentHelp(
            "Measure only cells whose full or short name matches, such as 'pipe/*/memcg*'; "
                + "repeatable.",
            valueName: "glob"), completion: .cells)
    public var cells: [String] = []

    /// Values in the place of the suite's.
    @Option(
        help: ArgumentHelp(
            "Set a setting in all cells of a workload or pressure; repeatable.",
            discussion: "Examples: --set pipe.msgsize=4k, --set memcg.limit=128m. Cells that "
                + "become equal are measured once.",
            valueName: "workload.key=value"), completion: .settings)
    public var set: [String] = []

    /// The measured part of a slice.
    @Option(
        help:
            ArgumentHelp(
                "The measured time of a slice, such as 0.5s.",
                discussion:
                    "Default: the suite's, if it states one; else 0.5s for `run`, and 50ms for "
                    + "comparisons by time, longer for cells of slow operations.",
                valueName: "time"))
    public var slice: String?

    /// Decides the order.
    @Option(
        help: ArgumentHelp(
            "The seed of the order of the cells and of the data. Default: a random seed, which "
                + "the journal records.", valueName: "number"))
    public var seed: UInt64?

    /// Whether to go on with a journal.
    @Flag(help: "Continue the interrupted measurement in the journal of --output.")
    public var resume = false

    /// Whether to keep silent.
    @Flag(name: .shortAndLong, help: "Print errors only, no progress.")
    public var quiet = false

    /// Whether to tell what is done.
    @Flag(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Print each change of a machine as it is made and undone, and each program started.",
            discussion: "Each switch of a knob is such a change."))
    public var verbose = false

    /// Whether to show only what would run.
    @Flag(help: "Print the cells and the planned time, and exit.")
    public var list = false

    /// Whether to show only what would be changed.
    @Flag(
        help: ArgumentHelp(
            "Print each change of this machine that the measurement would make, and exit.",
            discussion: "Nothing is changed, and root is not needed."))
    public var dryRun = false

    /// Whether block devices may be written.
    @Flag(
        help: ArgumentHelp(
            "Allow writing to the block device that the suite names. Its data is lost.",
            discussion: "A device that is mounted, in use or partitioned is refused in any case."))
    public var allowDestructive = false

    /// Whether foreign programs are refused.
    @Flag(
        help: ArgumentHelp(
            "Refuse cells, and knobs of a journal, that run a program.",
            discussion: "For suites and journals from elsewhere: nothing in them is executed."))
    public var noCommands = false

    /// Another agent.
    @Option(
        help: ArgumentHelp(
            "The agent to run, instead of the one beside plumbline.", valueName: "path"),
        completion: .file())
    public var agent: String?

    /// Made by the argument parser.
    public init() {}

    /// Refuses options that exclude each other.
    public func validate() throws {
        if verbose, quiet {
            throw ValidationError("--verbose and --quiet cannot be used together")
        }
    }
}

extension CommonOptions {
    /// The suite's cells that were asked for, and their controls; says on standard error which
    /// ones `--set` made equal.
    ///
    /// - Throws: `usage` for a suite, a setting or a glob that is wrong.
    func suite(
        from source: SuiteSource, _ overrides: Overrides, controls: Bool = false, _ console: Console
    ) throws(PlumblineError) -> SuiteRecord {
        let (whole, merged) = try SuiteParser.read(source, overrides: overrides)
        let plan =
            try controls ? whole.withControls(selecting: cells) : whole.selecting(cells)
        try checkCommands(of: plan, in: source.place)
        if !quiet {
            for cell in plan.cells where merged.contains(cell.name) {
                console.diagnostics(
                    "plumbline: --set makes cells equal; they are measured once: \(cell.name)\n")
            }
        }
        return plan
    }

    /// Whether a comparison by time has short slices: nobody says how long they are.
    ///
    /// - Parameter byTime: whether it is such a comparison.
    /// - Throws: `usage` for a suite that cannot be read.
    func hasShortSlices(
        of suite: SuiteSource, byTime: Bool = true
    ) throws(PlumblineError) -> Bool {
        guard byTime, slice == nil else { return false }
        return try !SuiteParser.statesSlice(suite)
    }

    /// Refuses cells that run a program, where the user forbids it.
    ///
    /// - Parameter place: the suite's file or the journal, for the error.
    /// - Throws: `usage`, naming the first of these cells.
    func checkCommands(of suite: SuiteRecord, in place: String) throws(PlumblineError) {
        guard noCommands,
            let cell = suite.cells.first(where: { $0.program != nil })
        else { return }
        throw .usage(
            "\(place.printable): the cell '\(cell.name)' runs a program, which --no-commands "
                + "forbids",
            remedy: "choose other cells with --cells, or leave --no-commands out if you trust them")
    }

    /// Refuses a journal's knobs that run a program, where the user forbids it.
    ///
    /// - Throws: `usage`, naming the first of these knobs.
    func checkCommands(
        of knobs: [ComparisonRecord.Knob], in journal: String
    ) throws(PlumblineError) {
        guard noCommands, let knob = knobs.first(where: { $0.kind == .command }) else { return }
        throw .usage(
            "\(journal.printable): the knob cmd: runs '\(knob.a.printable)', which --no-commands "
                + "forbids",
            remedy: "give the knobs with --knob, or leave --no-commands out if you trust them")
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

    /// Warns on standard error if a killed run left the machine changed.
    func warnOfLeftovers(_ console: Console) {
        guard !quiet, !UndoLog.abandonedOwners().isEmpty else { return }
        console.diagnostics(
            "plumbline: a killed run left changes on this machine, which may affect the results\n"
                + "  how to fix: plumbline doctor --restore\n")
    }

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
                "--resume is not supported without --output",
                remedy: "name the journal with --output")
        }
        return output
    }

    /// Refuses --dry-run where it knows nothing of what would be done.
    ///
    /// - Parameter there: whether another machine or several experiments are measured.
    func refuseDryRun(there: Bool = true) throws(PlumblineError) {
        guard dryRun, there else { return }
        throw .usage(
            "--dry-run is supported with run, toggle, ab and gate, on this machine and in guests only",
            remedy: "run `plumbline run SUITE --dry-run` on the machine that is measured")
    }
}
