// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Journal
import Protocol
import Remotes
import Reports
import Suites
import Verdicts

/// `plumbline gate`: a regression run for scripts and CI systems.
public struct GateCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Check a kernel for regressions in a script or CI job.",
        discussion: """
            What is measured depends on what --baseline and --candidate name:

              two kernels           both are measured side by side, as `ab` does
              journal, kernel       the candidate alone is measured
              journals, ssh://HOST  what the machine runs is measured, as `run` does
              two journals          nothing is measured
              one journal           nothing is measured: its verdicts are printed again

            With --on FILE, the kernels are those of a machine that reboots, by their names in its \
            target file; where it has two and none is named, the first is the baseline. Given \
            twice, two machines swap kernels, as with `ab`.

            With a journal on one side at least, boots of the two kernels are compared unpaired: at \
            least 5 of each. The baseline is arm A of a journal and the candidate arm B; a journal \
            that compares a kernel with itself gives both. Prefer two kernels: what changes on the \
            machine between two journals counts as a difference. Journals of other workloads, \
            slice lengths, CPU counts, machines or versions are refused. Where nothing is measured, \
            the options of measuring have no effect. One journal of `run` is judged by how much at \
            least 7 journals of `run` of the baseline differ, of which the newest is compared.

            Standard output has one line for each cell, and its nine fields are separated by tabs: \
            pass, fail, skip or error; the cell; the change; its interval; the verdict; the reason; \
            the suite; the experiment's id; and remarks: emulated, and how many rounds are void \
            because a machine was lost. \
            improved and equivalent are pass, regressed is fail, inconclusive and images-differ are \
            skip, invalid is error. In JUnit these are a passed test, failure, skipped and error; \
            in KTAP ok, not ok, ok # SKIP and not ok # ERROR; for LAVA pass, fail, skip and fail; \
            for tmt pass, fail, warn and error.

            A file of results is written whole or not at all. It replaces a file only if that is \
            empty or of the same format. An old file of that format is removed at the start: after \
            an error there are no results, and not those of an earlier run.

            Exit codes: 0 no cell regressed, 3 at least one did, 4 at least one is inconclusive \
            or images-differ, 5 invalid or not comparable, 1 an error of the tool or the machine, \
            64 usage error, 130 interrupted.

            EXAMPLES
              plumbline gate demo --baseline 6.12 --candidate git:.@next --junit gate.xml
              plumbline gate demo --baseline base.jsonl --candidate git:~/linux@next
              plumbline gate demo --baseline ab.jsonl --ktap gate.ktap --inconclusive-ok
              plumbline gate demo --baseline ab.jsonl | grep ^fail
              plumbline gate smoke --on testbox.yaml --baseline stock --candidate patched
            """)

    /// The suite's name or file.
    @Argument(help: "The name of a built-in suite, or a YAML file.", completion: .suites)
    public var suite: String
    /// The baseline.
    @Option(
        help: ArgumentHelp(
            "The kernel of the baseline, or a journal of it; repeatable for journals.",
            valueName: "kernel|journal"), completion: .kernelsAndJournals)
    public var baseline: [String] = []
    /// The candidate.
    @Option(
        help: ArgumentHelp(
            "The kernel of the candidate, or a journal of it; repeatable for journals.",
            valueName: "kernel|journal"), completion: .kernelsAndJournals)
    public var candidate: [String] = []
    /// Machines that reboot between their kernels.
    @Option(
        help: ArgumentHelp(
            "Measure kernels of the machine that this target file describes, by reboots; twice "
                + "for two machines that swap kernels.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    public var on: [String] = []
    /// How ssh reaches machines.
    @OptionGroup(title: "Options of machines over ssh") public var ssh: SSHOptions
    /// What is written.
    @OptionGroup(title: "Options of the output") public var output: GateFileOptions
    /// How kernels are measured.
    @OptionGroup public var pair: KernelPairOptions

    /// Made by the argument parser.
    public init() {}

    /// Measures what there is to measure, and judges.
    public func run(on console: Console) async throws -> Int32 {
        let isRemote = candidate.contains { $0.hasPrefix(SSHAddress.scheme) }
        try ssh.check(isUsed: isRemote || !on.isEmpty, option: "--on FILE")
        let files = try output.files(besides: pair.common.output)
        if !pair.common.list, !pair.common.dryRun {
            for file in files { try file.removeOld() }
        }
        let sides = try (
            GateSide(baseline, option: "--baseline"), GateSide(candidate, option: "--candidate")
        )
        do {
            switch sides {
            case (.absent, .absent) where !on.isEmpty:
                return try await measure(nil, against: nil, into: files, on: console)
            case (.absent, _):
                throw PlumblineError.usage(
                    "gate: missing --baseline", remedy: "name a kernel, or a journal of it")
            case (.kernel, .absent):
                throw PlumblineError.usage(
                    "gate: missing --candidate", remedy: "name a kernel, or a journal of it")
            case (.kernel, .journals):
                throw PlumblineError.usage(
                    "gate: a stored candidate needs a stored baseline",
                    remedy: "measure both kernels, or name a journal of the baseline too")
            case (.kernel(let a), .kernel(let b)):
                return try await measure(a, against: b, into: files, on: console)
            case (.journals(let stored), .kernel(let kernel)):
                try checkSuite(of: stored)
                return try await measure(kernel, against: stored, into: files, on: console)
            case (.journals(let stored), .journals(let others)):
                try checkSuite(of: stored + others)
                return try finish(
                    compare(stored, others), code: \.exitCode, into: files, on: console)
            case (.journals(let stored), .absent):
                guard stored.count == 1, on.isEmpty else {
                    throw PlumblineError.usage(
                        "gate: missing --candidate",
                        remedy: on.isEmpty
                            ? "several journals need another side"
                            : "name a kernel of \(on.joined(separator: " and "))")
                }
                try checkSuite(of: stored)
                return try finish(
                    verdicts(of: stored[0]), code: \.exitCode, into: files, on: console)
            }
        } catch let error as JournalComparison.NotComparable {
            console.diagnostics("plumbline: baseline and candidate are not comparable\n")
            for reason in error.reasons { console.diagnostics("  \(reason)\n") }
            return 5
        }
    }

    /// Measures two kernels side by side.
    private func measure(
        _ a: String?, against b: String?, into files: [ResultFile], on console: Console
    ) async throws -> Int32 {
        guard let (measurement, outcome) = try await measurePair(a, b, on: console) else {
            return 0
        }
        measurement.printJournal(console)
        var report = try verdicts(of: StoredJournal(readingFrom: measurement.writer.path))
        report.isInterrupted = outcome.interrupted
        return try finish(report, code: \.exitCode, into: files, on: console)
    }

    /// Measures one kernel, and compares it with what was measured before.
    private func measure(
        _ kernel: String, against stored: [StoredJournal], into files: [ResultFile],
        on console: Console
    ) async throws -> Int32 {
        guard !pair.comparison.untilDecided else {
            throw PlumblineError.usage(
                "--until-decided is not supported with a stored baseline",
                remedy: "give --rounds, or name the baseline's kernel")
        }
        guard
            let (measurement, outcome) = try await measureCandidate(
                kernel, against: stored, on: console)
        else { return 0 }
        measurement.printJournal(console)
        let measured = try StoredJournal(readingFrom: measurement.writer.path)
        let code = try finish(
            compare(stored, [measured]), code: \.exitCode, into: files, on: console)
        return outcome.interrupted ? 130 : code
    }

    /// Refuses a plan whose journal could not be compared with the stored ones.
    ///
    /// - Parameter host: the greeting of this machine.
    static func check(
        _ plan: Plan, on host: Hello, against stored: [StoredJournal]
    ) throws(JournalComparison.NotComparable) {
        var planned = StoredJournal(
            header: JournalHeader(id: "", startedAt: 0, host: host, plan: plan))
        planned.sliceLengths = stored[0].sliceLengths
        _ = try JournalComparison(baseline: stored, candidate: [planned])
    }

    private func verdicts(of journal: StoredJournal) throws(PlumblineError) -> VerdictReport {
        var report = try VerdictReport(journal)
        report.inconclusiveIsOK = pair.comparison.inconclusiveOk
        return report
    }

    private func compare(
        _ baseline: [StoredJournal], _ candidate: [StoredJournal]
    ) throws -> JournalComparison {
        var comparison =
            try runs(baseline, candidate)
            ?? JournalComparison(baseline: baseline, candidate: candidate)
        comparison.inconclusiveIsOK = pair.comparison.inconclusiveOk
        return comparison
    }

    /// What is measured.
    func source() throws(PlumblineError) -> SuiteSource {
        try pair.guest.metric.suite(named: suite)
    }

    /// Refuses journals of another suite than the one that is named.
    private func checkSuite(of journals: [StoredJournal]) throws {
        let name = try SuiteParser.read(source(), overrides: Overrides()).0.name
        let others = Set(journals.map(\.header.suite.name)).subtracting([name]).sorted()
        guard others.isEmpty else {
            throw JournalComparison.NotComparable(
                reasons: others.map { "the suite differs: \(name) and \($0)" })
        }
    }

    /// Prints the cells, writes the files and counts.
    private func finish<Value: Report>(
        _ report: Value, code: (Value) -> Int32, into files: [ResultFile], on console: Console
    ) throws(PlumblineError) -> Int32 {
        try console.show(report, as: .gate)
        if output.lava { try console.show(report, as: .lava) }
        for file in files { try file.write(report) }
        if !pair.common.quiet {
            let cells = report.suites.flatMap(\.cases)
            let counts = GateCase.Outcome.allCases.map { outcome in
                "\(cells.count { $0.outcome == outcome }) \(outcome.rawValue)"
            }
            let remarks = report.suites.flatMap(\.remarks).map { "; \($0)" }.joined()
            console.diagnostics(
                "gate: \(Decimal.count(cells.count, "cell")): "
                    + "\(counts.joined(separator: ", "))\(remarks)\n")
            if (report as? JournalComparison)?.kind == .boots {
                console.diagnostics("\(JournalComparison.unpaired)\n")
            }
        }
        return code(report)
    }
}
