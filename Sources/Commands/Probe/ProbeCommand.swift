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

/// `plumbline probe`: checks a kernel without timing anything.
struct ProbeCommand: ConsoleCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Count and check what a kernel does, without timing anything.",
        discussion: """
            Each probe takes a second or less and gives the same answer each time. The probes of \
            --correctness hold the kernel to what it must do; the others count what it does, such \
            as the pages that a write to a pipe allocates.

            Without --kernel, --a or --on the running kernel is probed, as root. With --a and --b \
            two kernels are probed, each in a guest, and shown beside each other.

            Exit codes: 0 no probe failed, 1 the tool failed, 3 a probe failed, 64 usage error, \
            130 interrupted.

            EXAMPLES
              sudo plumbline probe
              plumbline probe --list
              plumbline probe --kernel 7.2
              plumbline probe --a 6.12 --b 6.12+pipe-prealloc
              plumbline probe --kernel 7.2 --only pipe-pages --format json
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
    @Option(help: ArgumentHelp("Seeds the data that is moved. Default: 1.", valueName: "number"))
    var seed: UInt64 = 1
    @Option(help: ReportFormat.help) var format = ReportFormat.text
    @Option(
        help: ArgumentHelp(
            "The agent to run. Default: the one beside plumbline.", valueName: "file"),
        completion: .file())
    var agent: String?
    @Flag(name: .shortAndLong, help: "Print no progress.") var quiet = false
    @OptionGroup(title: "Options of guests") var guest: GuestOptions

    func run(on console: Console) async throws -> Int32 {
        let probes = try chosen()
        if list {
            try console.show(ProbeListReport(probes: probes), as: format)
            return 0
        }
        try Interrupts.catch()
        let machines = try await machines(probes, console)
        let runner = ProbeRunner(isInterrupted: Measurement.isInterrupted) { event in
            if case .note(let text) = event { console.say(text.printable) }
        }
        var kernels: [ProbedKernel] = []
        for machine in machines {
            let answer = try await runner.probe(machine, probes: probes, seed: seed)
            kernels.append(
                ProbedKernel(
                    label: machine.label, host: answer.host, records: answer.records,
                    loss: answer.loss))
        }
        let report = ProbeReport(kernels: kernels, probes: probes.map(\.name))
        try console.show(report, as: format)
        return report.exitCode
    }

    /// The probes that the options choose.
    private func chosen() throws(PlumblineError) -> [ProbeDescription] {
        let names = only.flatMap { $0.split(separator: ",").map(String.init) }
        guard names.isEmpty else {
            return try names.map { name throws(PlumblineError) in try ProbeCatalogue.named(name) }
        }
        return ProbeCatalogue.all.filter { correctness == ($0.kind == .correctness) }
    }

    private func machines(
        _ probes: [ProbeDescription], _ console: Console
    ) async throws(PlumblineError) -> [GuestMachine] {
        let named = try kernels()
        let path = try findAgent(console)
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
    private func kernels() throws(PlumblineError) -> [KernelName] {
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
