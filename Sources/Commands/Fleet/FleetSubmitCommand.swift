// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Fleet
import Linux
import Remotes
import SystemPackage

/// `plumbline fleet submit`: starts a job array, one task a machine.
public struct FleetSubmitCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Submit an experiment to Slurm, one task a machine.",
        usage: "plumbline fleet submit [<options>] <dir> -- <command> ...",
        discussion: """
            DIR is made, for you alone. It gets the plan, the batch script, and a directory for \
            each task with its journal. The command after -- is one of `ab`, `toggle` and `run`, \
            without --output, --resume, --seed or --list, and without --on and machines of ssh. \
            Comparisons are measured in full on each machine (--no-early-stop), because an early \
            stop would bias the machine's value.

            Each task gets SIGTERM 60 s before its time is over, and leaves a journal that can be \
            resumed. `plumbline fleet collect` submits such a task once more.

            Exit codes: 0 submitted, 1 Slurm refused or is not installed, 64 usage error, 130 \
            interrupted (nothing is submitted).

            EXAMPLES
              plumbline fleet submit nightly --machines 8 --time 2h -- \\
                ab pipe-prealloc --a 6.12 --b 6.12+pipe-prealloc
              plumbline fleet submit knob --machines-named n1,n2,n3,n4,n5 -- \\
                toggle smoke --knob vm.swappiness=60,10
              plumbline fleet submit nightly --machines 8 --dry-run -- run smoke
            """)

    /// The new directory.
    @Argument(
        help: ArgumentHelp(
            "The directory to make, on a file system that all machines share.", valueName: "dir"),
        completion: .directory)
    public var directory: String
    /// How many machines.
    @Option(
        help: ArgumentHelp(
            "How many machines to measure; Slurm chooses them.", valueName: "number"))
    public var machines: Int?
    /// Which machines.
    @Option(
        help: ArgumentHelp(
            "Measure these machines, by Slurm's names of the nodes.", valueName: "names"),
        completion: .nodes)
    public var machinesNamed: String?
    /// Where.
    @Option(
        help: ArgumentHelp("Slurm's partition. Default: Slurm's own.", valueName: "name"),
        completion: .partitions)
    public var partition: String?
    /// Features of a machine.
    @Option(
        help: ArgumentHelp(
            "Features that a machine must have, as for sbatch.", valueName: "features"),
        completion: .features)
    public var constraint: String?
    /// The longest time.
    @Option(
        help: ArgumentHelp(
            "The longest time of each task, such as 2h. Default: the partition's.",
            valueName: "time"))
    public var time: String?
    /// Decides the orders.
    @Option(
        help: ArgumentHelp(
            "The seed of the first machine; each further machine gets the next number. Default: a "
                + "random one.", valueName: "number"))
    public var seed: UInt64?
    /// Whether to show only what would be done.
    @Flag(help: "Print the command line of sbatch and the batch script, and do nothing.")
    public var dryRun = false
    /// What each machine does.
    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The command of each machine, after --.", valueName: "command"),
        completion: .list(["ab", "toggle", "run"]))
    public var command: [String] = []

    /// Made by the argument parser.
    public init() {}

    /// Submits.
    ///
    /// - Returns: the exit code.
    public func run(on console: Console) throws -> Int32 {
        let plan = try plan()
        let program = try Plumbline.program()
        if dryRun {
            let place = try directory.hasPrefix("/") ? directory : "\(path("."))/\(directory)"
            let words = plan.request.arguments(
                .init(Array(0..<plan.machines), isHeld: plan.machineNames != nil),
                name: plan.name, program: program, fleet: place)
            console.document(
                "\(ShellWord.line(words))\n\n\(SlurmRequest.script)")
            return 0
        }
        try Interrupts.catch()
        let fleet = try FleetDirectory(making: directory, machines: plan.machines)
        let job = try fleet.locked { () throws(PlumblineError) in
            try fleet.submit(plan, program: program, to: Slurm())
        }
        console.document(
            "job \(job): \(Decimal.count(plan.machines, "machine"))\n")
        console.diagnostics(
            "plumbline: see how far it is with: plumbline fleet status \(ShellWord.quoted(directory))\n"
        )
        return 0
    }

    private func plan() throws(PlumblineError) -> FleetPlan {
        try FleetExperiment.check(command)
        let names = try names()
        guard let count = names?.count ?? machines else {
            throw .usage(
                "fleet submit: missing --machines",
                remedy: "give --machines NUMBER or --machines-named NAMES")
        }
        guard machines == nil || names == nil else {
            throw .usage(
                "--machines is not supported with --machines-named", remedy: "give one of them")
        }
        guard (1...FleetPlan.mostMachines).contains(count) else {
            throw .usage(
                "invalid value '\(count)' for --machines (allowed: 1 to \(FleetPlan.mostMachines))")
        }
        return FleetPlan(
            name: "plumbline-\(UInt32.random(in: 0 ... .max))", command: command,
            machines: count, machineNames: names,
            seed: seed ?? .random(in: 0...UInt64(UInt32.max)),
            request: SlurmRequest(
                partition: partition, constraint: constraint, minutes: try minutes(),
                directory: try path(".")))
    }

    private func names() throws(PlumblineError) -> [String]? {
        guard let machinesNamed else { return nil }
        let names = machinesNamed.split(separator: ",", omittingEmptySubsequences: false)
            .map { String($0) }
        for name in names { try FleetPlan.check(machineName: name) }
        guard Set(names).count == names.count else {
            throw .usage(
                "--machines-named names a machine twice", remedy: "a machine counts once")
        }
        return names
    }

    private func minutes() throws(PlumblineError) -> Int? {
        guard let time else { return nil }
        let minute = 60_000_000_000
        guard let length = Duration.nanoseconds(parsing: time), length > 0,
            length <= 525_600 * minute
        else {
            throw .invalid(time, for: "--time", allowed: "up to 8760h, such as 2h", unit: "h")
        }
        return (length + minute - 1) / minute
    }

    private func path(_ path: String) throws(PlumblineError) -> String {
        do { return try FleetDirectory.absolute(path) } catch {
            throw .failure("\(path): \(error)")
        }
    }
}
