// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Experiment
import Journal
import Protocol
import Reports
import Verdicts

/// The option of many comparisons of a kernel with itself.
public struct PlaceboOptions: ParsableArguments {
    /// The most comparisons of one journal.
    private static let most = 1000

    /// How many.
    @Option(
        help: ArgumentHelp(
            "Compare a kernel with itself so many times, and count how many find a difference.",
            discussion: "Or a machine that is reached in two ways: --a local --b ssh://localhost. "
                + "--rounds and --budget are those of one comparison. The exit code is 5 "
                + "when too many find one.", valueName: "number"))
    public var comparisons: Int?

    /// Made by the argument parser.
    public init() {}

    /// Refuses a number out of range, two kernels, and rules that are not the default one.
    func check(_ run: KernelPairRun) throws(PlumblineError) {
        guard comparisons != nil else { return }
        guard run.a.text == run.b.text, run.options.appendA == run.options.appendB else {
            throw .usage(
                "--comparisons needs the same kernel twice",
                remedy: "give --a and --b the same value, and --append instead of --append-a and "
                    + "--append-b")
        }
        try check(run.options)
    }

    /// Refuses a number out of range, and rules that are not the default one.
    func check(_ options: KernelPairOptions) throws(PlumblineError) {
        guard let comparisons else { return }
        guard (1...Self.most).contains(comparisons) else {
            throw .usage(
                "invalid value '\(comparisons)' for --comparisons (allowed: 1 to \(Self.most))")
        }
        let isTime = try options.guest.metric.chosen(inGuest: true) == .time
        guard isTime, !options.alternate, !options.comparison.untilDecided else {
            throw .usage(
                "--comparisons is not supported with --alternate, --until-decided or --metric "
                    + "instructions")
        }
    }

    /// The plan of all comparisons, one after the other: no look ends it early.
    func repeating(_ plan: Plan) -> Plan {
        guard let comparisons, var comparison = plan.comparison else { return plan }
        comparison.placeboUnits = plan.plannedUnits
        comparison.rule = .fixed
        comparison.blocks *= comparisons
        if let rounds = comparison.rounds { comparison.rounds = comparisons * rounds }
        var plan = plan
        plan.comparison = comparison
        return plan
    }

    /// Judges and prints the comparisons of a journal.
    ///
    /// - Returns: 0, 5 when verdicts find too much, 130 after an interruption.
    func finish(
        _ measurement: Measurement, _ outcome: Outcome, as format: ReportFormat,
        on console: Console
    ) throws(PlumblineError) -> Int32 {
        let journal = try StoredJournal(readingFrom: measurement.writer.path)
        measurement.printJournal(console)
        guard journal.ending?.state == .finished else {
            return try console.printReport(
                journal, format: format, inconclusiveIsOK: false, interrupted: outcome.interrupted)
        }
        return try console.printPlacebos([measurement.writer.path], as: format)
    }
}

extension Console {
    /// Judges journals of A/A comparisons together, and prints how many found a difference.
    ///
    /// - Returns: 0, or 5 when verdicts find too much.
    func printPlacebos(_ paths: [String], as format: ReportFormat) throws(PlumblineError) -> Int32 {
        let journals = try paths.map { (path) throws(PlumblineError) in
            (journal: try StoredJournal(readingFrom: path), name: path)
        }
        let record = try Placebos(journals).record()
        try show(record, as: format)
        return record.isOutOfOrder ? 5 : 0
    }
}
