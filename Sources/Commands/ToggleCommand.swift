// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Cells
import Experiment
import Journal
import Kernels
import Linux
import Protocol
import Remotes
import Reports
import Suites

/// `plumbline toggle`: compares two values of a knob, on the running kernel or in a guest.
public struct ToggleCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "toggle",
        abstract: "Compare two values of a knob on one kernel, with a verdict.",
        discussion: """
            The knob is switched between short slices, in blocks of four: ABBA or BAAB, at \
            random. A drift of the machine affects both values alike. Each cell gets a verdict: \
            improved, regressed, equivalent, inconclusive or invalid.

            A knob is one of
              PATH=a,b            a sysctl such as vm.swappiness, or a file in sysfs
              module:M.P=a,b      parameter P of the module M
              set:KEY=a,b         a setting of the workload: `plumbline run --settings`
              cmd:'to A','to B'   two shell commands
            sysctl:NAME and file:PATH say which of the two a PATH is. The value of a file is read \
            back before each slice, and the original one is restored at the end. Of two commands, \
            the first one runs again at the end.

            Several knobs are switched together. The same value twice is a placebo: it shows how \
            often this machine reports a difference where there is none.

            With --kernel, one guest with one image is measured, and the knob is one of the \
            guest's. It is switched while all workers are parked and no pressure runs. The guest \
            boots again in each round, and a verdict rests on the rounds, as with `plumbline ab`. \
            Root is not needed. --switch PATCH is the switch that each of our patches has: \
            \(KernelChange.all.map(\.name).joined(separator: ", ")).

            With --on, the kernel of another machine is measured over ssh, and the knob is one of \
            that machine's. Its agent switches the knob, and restores it at the end and after a \
            lost connection.

            \(MetricOptions.discussion)

            \(EvidenceOptions.discussion)

            Exit codes: 0 no cell regressed, 3 at least one did, 4 at least one is inconclusive, \
            5 invalid, 1 an error of the tool or the machine, 64 usage error, 130 interrupted.

            EXAMPLES
              plumbline toggle pipe-prealloc --knob vm.swappiness=60,10
              plumbline toggle smoke --knob set:fixedbufs=0,1 --cells '*io_uring*'
              plumbline toggle smoke --cells 'pipe/*' --knob set:handicap=0,5 --budget 300s
              plumbline toggle smoke --knob set:timing=op,op --until-decided
              plumbline toggle smoke --knob set:timing=op,op --metric pmu
              plumbline toggle demo --kernel 6.12+pipe-prealloc --switch pipe-prealloc
              plumbline toggle demo --kernel 6.12+pipe-prealloc --switch pipe-prealloc=Y,Y
              plumbline toggle smoke --kernel bzImage --knob sysctl:vm.swappiness=60,10
              plumbline toggle --knob vm.swappiness=60,10 --metric time -- ./load
              plumbline toggle smoke --on ssh://root@testbox --knob vm.swappiness=60,10
            """)

    /// What is measured.
    @OptionGroup public var measured: SuiteOptions
    /// Options in common with other commands.
    @OptionGroup public var common: CommonOptions
    /// When cells stop.
    @OptionGroup public var comparison: ComparisonOptions
    /// What the kernels do beside.
    @OptionGroup public var evidence: EvidenceOptions
    /// What was published before.
    @OptionGroup public var published: ClaimOptions
    /// What is switched.
    @Option(
        help: ArgumentHelp(
            "A knob and its two values; repeatable.", valueName: "knob=a,b"), completion: .knobs)
    public var knob: [String] = []
    /// Patches whose switch is a knob.
    @Option(
        name: .customLong("switch"),
        help: ArgumentHelp(
            "The switch of a patch of ours, off against on, or with two values; repeatable.",
            valueName: "patch[=a,b]"), completion: .switches)
    public var switches: [String] = []
    /// A kernel to boot.
    @Option(
        help: ArgumentHelp(
            "Measure this kernel in a guest: a variant, a bzImage or git:DIR@REF.",
            valueName: "kernel"), completion: .kernels)
    public var kernel: String?
    /// Boots of the guest.
    @OptionGroup(title: "Options of the guest") public var boots: RoundOptions
    /// What machine the guest is.
    @OptionGroup(title: "Options of the guest") public var guest: GuestOptions
    /// Another machine.
    @Option(
        help: ArgumentHelp(
            "Measure another machine over ssh.", valueName: "ssh://[user@]host[:port]"),
        completion: .machines)
    public var on: String?
    /// How ssh reaches it.
    @OptionGroup(title: "Options of a machine over ssh") public var ssh: SSHOptions
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Whether to print the document's schema only.
    @Flag(help: "Print the JSON Schema of the output of --format json, and exit.")
    public var schema = false

    /// Made by the argument parser.
    public init() {}

    /// Measures and judges.
    public func run(on console: Console) async throws -> Int32 {
        if schema {
            console.document(ReportFormat.schemaText)
            return 0
        }
        let suite = try measured.source(for: "toggle", metric: guest.metric)
        try checkGuestOptions()
        let cells = try self.cells(suite, console)
        let hasKnobs = !(knob + switches).isEmpty
        var plan = common.resume && !hasKnobs ? nil : try plan(cells, from: suite, console)
        if common.list || common.dryRun { try await checkKernel(for: cells, console) }
        if common.list {
            guard let plan else { throw Self.needsKnobs("--list") }
            console.document(CellList(plan: plan).text)
            return 0
        }
        let address = try on.map { on throws(PlumblineError) in
            try SSHOptions.address(on, of: "--on")
        }
        try common.refuseDryRun(there: address != nil)
        if common.dryRun, let plan {
            if let kernel {
                DryRunList.show(
                    guests: [kernel], driveDirectory: guest.driveDirectory ?? "/var/tmp",
                    on: console)
            } else {
                try await DryRunList.show(plan, agent: common.findAgent(console), on: console)
            }
            return 0
        }
        guard !common.dryRun else { throw Self.needsKnobs("--dry-run") }
        if address == nil { common.warnOfLeftovers(console) }
        try Interrupts.catch()
        let agent = try common.findAgent(console)
        let measurement = try Measurement(common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        let machine = try await machine(for: cells, agent: agent, in: measurement, console)
        if let machine { plan?.move(into: machine) }
        plan?.host = address?.machine
        let settled = try settle(
            plan, of: cells, in: machine, on: address, source: suite, measurement: measurement,
            console: console)
        let outcome =
            if let machine {
                try await measurement.run(
                    settled,
                    on: GuestToggleTarget(
                        settled, on: machine, isInterrupted: Measurement.isInterrupted,
                        report: measurement.report))
            } else if let address {
                try await measurement.run(settled, at: address, by: ssh, agent: agent)
            } else {
                try await measurement.run(
                    settled,
                    on: MachineTarget(
                        settled, agent: .init(executable: agent),
                        isInterrupted: Measurement.isInterrupted, report: measurement.report))
            }
        let code = try console.printReport(
            StoredJournal(readingFrom: measurement.writer.path), format: format,
            inconclusiveIsOK: comparison.inconclusiveOk, interrupted: outcome.interrupted)
        measurement.printJournal(console)
        return code
    }

    private static func needsKnobs(_ option: String) -> PlumblineError {
        .usage(
            "\(option) is not supported with --resume without a knob",
            remedy: "give the knobs of the journal")
    }

    private func checkGuestOptions() throws(PlumblineError) {
        try ssh.check(isUsed: on != nil, option: "--on ssh://HOST")
        guard kernel == nil else {
            guard on == nil else {
                throw .usage("--on is not supported with --kernel", remedy: "give one of them")
            }
            return
        }
        guard let option = guest.guestOption ?? boots.rounds.map({ _ in "--rounds" }) else {
            return
        }
        throw .usage(
            "\(option) is not supported without --kernel", remedy: "add --kernel KERNEL")
    }

    /// The plan to measure; without a knob on the command line it is the journal's.
    private func settle(
        _ plan: Plan?, of cells: SuiteRecord, in machine: GuestMachine?, on address: SSHAddress?,
        source: SuiteSource, measurement: Measurement, console: Console
    ) throws(PlumblineError) -> Plan {
        let traces = evidence.isOn(inGuest: kernel != nil) ? true : nil
        if var plan {
            plan.comparison?.evidence = traces
            return try measurement.settle(plan, isComplete: true)
        }
        guard let stored = measurement.stored else {
            var plan = try self.plan(cells, from: source, console)
            plan.host = address?.machine
            plan.comparison?.evidence = traces
            return plan
        }
        var same = stored.header.plan
        same.comparison?.evidence = traces
        same.kind = .toggle
        same.suite.name = cells.name
        same.guest = machine?.agent.guest
        same.host = address?.machine
        return try measurement.settle(same, isComplete: false)
    }

    private func cells(
        _ suite: SuiteSource, _ console: Console
    ) throws(PlumblineError) -> SuiteRecord {
        let overrides = try Overrides(
            assignments: common.set, slice: common.slice, slices: nil,
            allowDestructive: common.allowDestructive)
        return try common.suite(from: suite, overrides, controls: comparison.controls, console)
    }

    private func plan(
        _ cells: SuiteRecord, from suite: SuiteSource, _ console: Console
    ) throws(PlumblineError) -> Plan {
        let switches = try patchSwitches()
        let knobs = try Knob.parse(knob + switches.map(\.knob))
        let metric = try guest.metric.chosen(for: cells, inGuest: kernel != nil)
        let rounds = kernel == nil ? nil : try boots.count(metric)
        let isShort = try common.hasShortSlices(
            of: suite, byTime: metric != .instructions)
        let cells = isShort ? cells.withShortSlices() : cells
        var plan = try Plan.toggle(
            cells, knobs: knobs,
            stopping: rounds == nil
                ? comparison.stopping(cells)
                : boots.stopping(cells, metric: metric, comparison),
            equivalence: comparison.margin(), rounds: rounds, metric: metric,
            seed: common.chosenSeed, arguments: console.arguments)
        let turnedOn = Set(switches.filter(\.isOffAgainstOn).map(\.change.name))
        try published.check(for: plan.suite, from: suite)
        plan.comparison?.claims = try published.records(on: plan.suite, changes: turnedOn)
        return isShort ? plan.withShortSlices() : plan
    }

    private func patchSwitches() throws(PlumblineError) -> [PatchSwitch] {
        try switches.map { text throws(PlumblineError) in try PatchSwitch(text) }
    }

    /// The guest to measure; nil for the running kernel.
    private func machine(
        for cells: SuiteRecord, agent: String, in measurement: Measurement, _ console: Console
    ) async throws(PlumblineError) -> GuestMachine? {
        guard let kernel else { return nil }
        let stored = measurement.stored?.header.comparison?.knobs ?? []
        let hasCommands =
            knob.contains { $0.hasPrefix("cmd:") } || stored.contains { $0.kind == .command }
        let source = KernelArmSource(
            guest: guest, suite: cells, config: nil, guests: 1, agent: agent, console: console,
            quiet: common.quiet, programs: hasCommands ? [.shell] : [])
        return try await source.arms([name(of: kernel)])[0].machine
    }

    /// Refuses a kernel that cannot be measured, without building it.
    private func checkKernel(
        for cells: SuiteRecord, _ console: Console
    ) async throws(PlumblineError) {
        guard let kernel else { return }
        let source = KernelArmSource(
            guest: guest, suite: cells, config: nil, guests: 1, agent: "", console: console,
            quiet: common.quiet)
        try await source.check([name(of: kernel)])
    }

    private func name(of kernel: String) throws(PlumblineError) -> KernelName {
        let changes = try patchSwitches().map(\.change)
        return KernelName(text: kernel, option: "--kernel", switches: changes)
    }
}
