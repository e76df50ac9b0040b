// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Doctor
import Linux
import Machine
import Reports

/// `plumbline doctor`: what this machine can measure and what is missing.
public struct DoctorCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Show what this machine can measure, what is missing, and how to fix it.",
        discussion: """
            Each finding is ok, limited or missing. Below it are the consequence for measurements \
            and the command that fixes it. Doctor creates a cgroup, a ring, a file and a guest of \
            three instructions for its checks, and removes them at once. Published claims are \
            listed by their set-ups: ok if this machine can run them, else with what it lacks.

            The exit code is 0 whatever is missing. With --restore it is 1 when something could \
            not be restored.

            --calibrate compares this machine with itself: the cells of smoke run with two equal \
            arms, for 20 minutes. With slices of 50 ms, the default, the blocks are cut into A/A \
            comparisons of 10 blocks that share none: more than 100 in 20 minutes. Each is judged by \
            the labels that its arms had. The same blocks with shuffled labels check the tail of the \
            t-test. Slices of 20, 100 and 500 ms share half of the time: the report shows the \
            smallest change that each length finds in 60 s, and the best length. In less than some \
            25 minutes, slices of 500 ms get too few blocks. The result is kept, and later reports \
            show it.

            --calibrate --kernel K compares a kernel with itself in guests, 20 times: each time is \
            an `ab` of 8 rounds of fresh boots. It takes some 30 minutes. For other cells and \
            machines, use `plumbline ab SUITE --a K --b K --comparisons 20`. --journals judges \
            journals of such comparisons again, together.

            The exit code of --calibrate is 5 when more comparisons find a difference than chance \
            explains, or when all of them together show one.

            EXAMPLES
              plumbline doctor
              plumbline doctor --format json
              plumbline doctor --calibrate=30
              plumbline doctor --calibrate --kernel 6.12 --output aa.jsonl
              plumbline doctor --calibrate --journals aa.jsonl
              sudo plumbline doctor --restore
            """)

    /// The report's form.
    @Option(help: ReportFormat.help) public var format: ReportFormat?

    /// The same as `--format json`.
    @Flag(help: .hidden) public var json = false

    /// Whether to undo what killed runs left, and look at nothing.
    @Flag(help: "Undo the changes that killed runs left: cgroups, mounts, devices, knobs.")
    public var restore = false

    /// Whether to show only what would be undone.
    @Flag(help: "With --restore: print what would be undone, and undo nothing.")
    public var dryRun = false

    /// Whether to run A/A comparisons, and look at nothing else.
    @Flag(help: "Compare this machine with itself, and keep the result.")
    public var calibrate = false

    /// How.
    @OptionGroup(title: "Options of --calibrate") public var calibration: CalibrationOptions

    /// Made by the argument parser.
    public init() {}

    /// The arguments with `--calibrate=MINUTES` as the flag and its option.
    static func spelledOut(_ arguments: [String]) -> [String] {
        guard arguments.first == configuration.commandName else { return arguments }
        let option = "--calibrate="
        return arguments.flatMap { argument in
            argument.hasPrefix(option)
                ? ["--calibrate", "--minutes", String(argument.dropFirst(option.count))]
                : [argument]
        }
    }

    /// Refuses flags that exclude each other.
    public func validate() throws {
        if json, let format, format.name != "json" {
            throw ValidationError("--json and --format \(format.name) cannot be used together")
        }
        if restore, json || format != nil {
            throw ValidationError("--restore and --format cannot be used together")
        }
        if dryRun, !restore { throw ValidationError("--dry-run needs --restore") }
        if calibrate, restore {
            throw ValidationError("--calibrate and --restore cannot be used together")
        }
        if !calibrate, let option = calibration.given {
            throw ValidationError("\(option) needs --calibrate")
        }
    }

    /// Looks at the machine, or restores it.
    ///
    /// - Returns: 0; with `--restore` 1 when something could not be restored, with `--calibrate` 5
    ///   when verdicts find too much.
    public func run(on console: Console) async throws -> Int32 {
        let format = (json ? ReportFormat(named: "json") : format) ?? .text
        try format.checkWithoutCells()
        if calibrate { return try await calibration.run(as: format, on: console) }
        if restore, dryRun {
            let changes = UndoLog.abandonedChanges().map { "would \($0)".printable + "\n" }
            console.document(changes.isEmpty ? "nothing to restore\n" : changes.joined())
            return 0
        }
        if restore {
            let text = RestoreText(UndoLog.restoreAbandoned(), isRoot: ChildProcess.userID == 0)
            console.document(text.lines.joined(separator: "\n") + "\n")
            return text.exitCode
        }
        let findings = Examination.findings(
            environment: console.environment, claims: try ClaimOptions.builtIn().flatMap(\.setUps))
        try console.show(DoctorReport(findings), as: format)
        return 0
    }
}
