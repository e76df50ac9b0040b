// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import ArgumentParser
import Basics
import Cells
import Experiment
import Guests
import Linux
import Protocol
import Reports
import Verdicts

/// `plumbline probe`: checks a kernel without timing anything.
struct ProbeCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Count and check what a kernel does, without timing anything.",
        discussion: """
            A probe takes seconds at most, and times nothing. The probes of --correctness hold the \
            kernel to what it must do; the others count what it does, such as the pages that a \
            write to a pipe allocates.

            Without --kernel, --a or --on the running kernel is probed, as root. With --a and --b \
            two kernels are probed, each in a guest, and shown beside each other. A kernel with \
            +debug runs all probes of --correctness, and finds more by itself.

            A probe is skipped where the machine or the kernel lacks what it needs, with the \
            reason. A kernel that prints a warning, hangs or panics in a probe fails that probe, and \
            the probes after it do not run.

            Exit codes: 0 no probe failed, 1 the tool failed or no probe could run, 3 a probe \
            failed, 64 usage error, 130 interrupted.

            EXAMPLES
              sudo plumbline probe
              plumbline probe --list
              plumbline probe --schema
              plumbline probe --kernel 7.2
              plumbline probe --a 6.12 --b 6.12+pipe-prealloc
              plumbline probe --kernel 7.2 --only pipe-pages,pipe-idle --format json
              plumbline probe --correctness --kernel 6.12+pipe-prealloc+dio-cache+debug
              plumbline probe --correctness --on ssh://root@testbox --format ktap
            """)

    @Option(
        help: ArgumentHelp("Probe this kernel in a guest.", valueName: "kernel"),
        completion: .kernels)
    var kernel: String?
    @Option(
        help: ArgumentHelp("Probe this kernel, the baseline, in a guest.", valueName: "kernel"),
        completion: .kernels)
    var a: String?
    @Option(
        help: ArgumentHelp("Probe this kernel as well.", valueName: "kernel"), completion: .kernels)
    var b: String?
    @Option(
        help: ArgumentHelp(
            "Run these probes only, by names with commas between them; repeatable.",
            valueName: "names"),
        completion: .probes)
    var only: [String] = []
    @Flag(help: "Run the probes of what a kernel must do.") var correctness = false
    @Flag(help: "List the probes, and exit.") var list = false
    @Flag(help: "Print the JSON Schema of the output of --format json, and exit.")
    var schema = false
    @Option(
        help: ArgumentHelp("Probe the machine that ssh reaches.", valueName: "ssh://host"),
        completion: .machines)
    var on: String?
    @Option(help: ReportFormat.help) var format = ReportFormat.text
    @Option(
        help: ArgumentHelp(
            "The agent to run. Default: the one beside plumbline.", valueName: "file"),
        completion: .file())
    var agent: String?
    @Flag(name: .shortAndLong, help: "Print no progress.") var quiet = false
    @OptionGroup(title: "Options of guests") var guest: GuestOptions
    @OptionGroup(title: "Options of a machine over ssh") var ssh: SSHOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func run(on console: Console) async throws -> Int32 {
        if schema {
            console.document(ReportFormat.probeSchemaText)
            return 0
        }
        let probes = try chosen()
        try list ? format.checkWithoutCells() : format.checkForProbes()
        try output.check(besides: [])
        if list {
            try output.show(ProbeListReport(probes: probes), as: format, on: console)
            return 0
        }
        try ssh.check(isUsed: on != nil, option: "--on ssh://HOST")
        if on != nil, kernel != nil || a != nil || b != nil {
            throw PlumblineError.usage(
                "--on is not supported with a kernel", remedy: "give one of them")
        }
        if on != nil, let option = guest.guestOption {
            throw PlumblineError.usage(
                "\(option) is not supported with --on",
                remedy: "it is an option of guests: use --kernel KERNEL instead of --on")
        }
        try Interrupts.catch()
        let kernels = try await kernels(probes, console)
        let report = ProbeReport(kernels: kernels, probes: probes.map(\.name))
        try output.show(report, as: format, on: console)
        if let idle = report.idle { console.say("no probe could run on \(idle.printable)") }
        return report.exitCode
    }

    private func kernels(
        _ probes: [ProbeDescription], _ console: Console
    ) async throws -> [ProbedKernel] {
        let note: @Sendable (String) -> Void = { console.say($0.printable) }
        let runner = ProbeRunner(isInterrupted: Measurement.isInterrupted) { event in
            if case .note(let text) = event { note(text) }
        }
        let agent = try findAgent(console)
        guard let on else {
            var kernels: [ProbedKernel] = []
            for machine in try await machines(probes, agent: agent, console) {
                kernels.append(try await runner.probe(machine, probes: probes))
            }
            return kernels
        }
        let address = try SSHOptions.address(on, of: "--on")
        let remote = try ssh.agent(on: address, agent: agent, note: note)
        do {
            try await remote.prepare()
            let machine = GuestMachine(
                label: address.machine, place: address.machine, host: address.machine,
                agent: remote.configuration)
            let kernel = try await runner.probe(machine, probes: probes)
            await remote.close()
            return [kernel]
        } catch {
            await remote.close()
            throw error
        }
    }

    /// The probes that the options choose.
    private func chosen() throws(PlumblineError) -> [ProbeDescription] {
        let names = only.flatMap { $0.split(separator: ",").map(String.init) }
        guard only.isEmpty else {
            guard !names.isEmpty else {
                throw .usage(
                    "--only names no probe", remedy: "plumbline probe --list lists the probes")
            }
            guard !correctness else {
                throw .usage(
                    "--only is not supported with --correctness",
                    remedy: "leave out one: --only runs the probes that it names, of both kinds")
            }
            // A name that is given again is the same probe.
            var probes: [ProbeDescription] = []
            for name in names where !probes.contains(where: { $0.name == name }) {
                probes.append(try ProbeCatalogue.named(name))
            }
            return probes
        }
        return ProbeCatalogue.all.filter { correctness == ($0.kind == .correctness) }
    }

    private func machines(
        _ probes: [ProbeDescription], agent path: String, _ console: Console
    ) async throws(PlumblineError) -> [GuestMachine] {
        let named = try names()
        guard !named.isEmpty else {
            if let option = guest.guestOption {
                throw .usage(
                    "\(option) is not supported without --kernel", remedy: "add --kernel KERNEL")
            }
            return [
                GuestMachine(
                    label: "this machine", place: "this machine", host: "local",
                    agent: AgentConfiguration(executable: path))
            ]
        }
        let suite = SuiteRecord(
            name: "probe", summary: "", slice: 1, guardTime: 0, warmup: 0, slices: 0,
            pressureThreshold: 0, cells: [])
        let source = KernelArmSource(
            guest: guest, suite: suite, config: nil, guests: 1, agent: path, console: console,
            quiet: quiet,
            programs: probes.reduce(into: []) { $0.formUnion($1.guestPrograms) })
        return try await source.arms(named).map(\.machine)
    }

    private func findAgent(_ console: Console) throws(PlumblineError) -> String {
        if let agent { return agent }
        return try AgentExecutable.find(in: console.environment["PATH"] ?? "")
    }

    /// The kernels that the options name, the baseline first.
    private func names() throws(PlumblineError) -> [KernelName] {
        if let kernel {
            guard a == nil, b == nil else {
                throw .usage(
                    "--kernel is not supported with --a and --b", remedy: "give --a and --b alone")
            }
            return [KernelName(text: kernel, option: "--kernel")]
        }
        if a == nil, b == nil { return [] }
        guard let a, let b else {
            throw .usage(
                "--a needs --b, and --b needs --a", remedy: "or name one kernel with --kernel")
        }
        return [KernelName(text: a, option: "--a"), KernelName(text: b, option: "--b")]
    }
}
