// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
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
            arms. Slices of 20, 50, 100 and 500 ms share the time, in turns of random order. The \
            report shows the smallest change that each length finds in 60 s, and the best length. \
            The arms of the default length, 50 ms, are relabelled into 200 A/A comparisons. The \
            result is kept, and later reports show it. The exit code is 5 when more differences \
            are found than expected. In less than some 15 minutes, slices of \
            500 ms get too few blocks.

            EXAMPLES
              plumbline doctor
              plumbline doctor --format json
              plumbline doctor --calibrate=20
              sudo plumbline doctor --restore
            """)

    /// The report's form.
    @Option(help: ReportFormat.help) public var format: ReportFormat?

    /// The same as `--format json`.
    @Flag(help: .hidden) public var json = false

    /// Whether to undo what killed runs left, and look at nothing.
    @Flag(help: "Undo the changes that killed runs left: cgroups, mounts, devices, knobs.")
    public var restore = false

    /// Whether to run A/A comparisons, and look at nothing else.
    @Flag(help: "Compare this machine with itself, and keep the result.")
    public var calibrate = false

    /// How long.
    @Option(
        help: ArgumentHelp(
            "With --calibrate, the time to measure; same as --calibrate=MINUTES. Default: 20.",
            valueName: "minutes"))
    public var minutes: Double?

    /// Decides the order of slices and how arms are relabelled.
    @Option(
        help: ArgumentHelp(
            "With --calibrate, the seed of the order of slices.", valueName: "number"))
    public var seed: UInt64?

    /// Where the blocks are kept.
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "With --calibrate, keep the journals: x.jsonl makes x-20ms.jsonl and so on.",
            valueName: "journal"))
    public var output: String?

    /// Another agent.
    @Option(
        help: ArgumentHelp(
            "With --calibrate, the agent to run, instead of the one beside plumbline.",
            valueName: "path"))
    public var agent: String?

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
        if calibrate, restore {
            throw ValidationError("--calibrate and --restore cannot be used together")
        }
        if !calibrate, minutes != nil || seed != nil || output != nil || agent != nil {
            throw ValidationError("--minutes, --seed, --output and --agent need --calibrate")
        }
        if let minutes, !(minutes > 0 && minutes <= 10_080) {
            throw ValidationError(
                "invalid value '\(minutes)' for --minutes (allowed: above 0 to 10080)")
        }
    }

    /// Looks at the machine, or restores it.
    ///
    /// - Returns: 0; with `--restore` 1 when something could not be restored, with `--calibrate` 5
    ///   when more differences are found than expected.
    public func run(on console: Console) async throws -> Int32 {
        let format = (json ? ReportFormat(named: "json") : format) ?? .text
        if calibrate {
            return try await CalibrationRun(
                minutes: minutes ?? 20, seed: seed, output: output, agent: agent, format: format
            ).run(on: console)
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
