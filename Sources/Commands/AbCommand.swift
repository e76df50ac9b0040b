// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Experiment
import Journal
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

            Two machines, --a ssh://HOST --b ssh://HOST, are compared in the same way, each with \
            the kernel that it runs. `local` is this machine as it runs. The machines may differ \
            as much as their kernels, so that no verdict is better than images-differ.

            With --on FILE, a machine that ssh reaches reboots between two kernels of its own. Only \
            one of them is up: a block spans a pair of boots. A boot of another kernel does not \
            count, and a machine that does not come back ends its round. See `plumbline target`. \
            With --on FILE --on FILE, two machines boot one kernel each, slices alternate between \
            them, and half way through each round they swap kernels: what the machines differ by \
            cancels, and the report tells it.

            If a guest panics, warns, hangs or runs out of memory while a cell is measured, the \
            cell is invalid. If that happens before its agent has started, if its clock is wrong, \
            or if its QEMU is killed, only the round is void, and it is measured again.

            \(EvidenceOptions.discussion)

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
              plumbline ab smoke --a ssh://root@box1 --b ssh://root@box2
              plumbline ab smoke --a local --b ssh://root@localhost --comparisons 10
              plumbline ab smoke --on testbox.yaml --rounds 8
              plumbline ab --a 6.12 --b 6.12+dio-cache -- fio job.fio
              plumbline ab smoke --on box1.yaml --on box2.yaml --a stock --b patched
            """)

    /// What is measured.
    @OptionGroup public var measured: SuiteOptions
    /// The baseline.
    @Option(
        help: ArgumentHelp("The kernel or machine of the baseline.", valueName: "kernel"),
        completion: .kernelsAndMachines)
    public var a: String?
    /// The candidate.
    @Option(
        help: ArgumentHelp("The kernel or machine of the candidate.", valueName: "kernel"),
        completion: .kernelsAndMachines)
    public var b: String?
    /// How the kernels are measured.
    @OptionGroup public var pair: KernelPairOptions
    /// Comparisons of a kernel with itself.
    @OptionGroup public var placebos: PlaceboOptions
    /// What the kernels do beside.
    @OptionGroup public var evidence: EvidenceOptions
    /// How ssh reaches machines.
    @OptionGroup(title: "Options of machines over ssh") public var ssh: SSHOptions
    /// A machine that reboots between its kernels.
    @Option(
        help: ArgumentHelp(
            "Compare two kernels of the machine that this target file describes, by reboots.",
            discussion: "--a and --b are names of the file's kernels; where it has two, the first "
                + "is A. Each block spans a pair of boots. Given twice, two machines swap kernels in "
                + "each round. See `plumbline target`.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    public var on: [String] = []
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text

    /// Made by the argument parser.
    public init() {}

    /// Boots, measures and judges.
    public func run(on console: Console) async throws -> Int32 {
        if placebos.comparisons != nil { try format.checkWithoutCells() }
        if on.isEmpty, let machines = try machines() {
            return try await compare(machines, on: console)
        }
        guard let (measurement, outcome) = try await measure(on: console) else { return 0 }
        if placebos.comparisons != nil {
            return try placebos.finish(measurement, outcome, as: format, on: console)
        }
        let code = try console.printReport(
            StoredJournal(readingFrom: measurement.writer.path), format: format,
            inconclusiveIsOK: pair.comparison.inconclusiveOk, interrupted: outcome.interrupted)
        measurement.printJournal(console)
        return code
    }

    /// What is measured.
    func source() throws(PlumblineError) -> SuiteSource {
        try measured.source(for: "ab", metric: pair.guest.metric)
    }

    /// Measures kernels in guests, or those that machines boot.
    private func measure(on console: Console) async throws -> (Measurement, Outcome)? {
        let suite = try source()
        let names = (
            a: KernelPairRun.Name(option: "--a", text: a),
            b: KernelPairRun.Name(option: "--b", text: b)
        )
        guard on.isEmpty else {
            return try await RebootComparison(
                command: "ab", suite: suite, a: names.a, b: names.b, paths: on, options: pair,
                ssh: ssh, hasPlacebos: placebos.comparisons != nil, isTraced: evidence.isOn()
            ).measure(on: console)
        }
        return try await KernelPairRun(
            command: "ab", suite: suite, a: names.a, b: names.b, options: pair,
            placebos: placebos, traces: evidence.isOn(inGuest: placebos.comparisons == nil)
        ).measure(on: console)
    }
}
