// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Doctor
import Linux
import Machine

/// `plumbline doctor`: what this machine can measure and what is missing.
public struct DoctorCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Tell what this machine can measure, what is missing, and what mends it.",
        discussion: """
            Each line is ok, limited or missing, followed by what follows for measurements and \
            by the command that mends it. What is tried out (a cgroup, a ring, a file, a guest \
            of three instructions) is put back at once.

            It is a report: the exit code is 0 whatever is missing. With --restore it is 1 when \
            something could not be put back.

            --calibrate compares this machine with itself: the cells of smoke run under a placebo \
            for some minutes, their arms are relabelled into 200 A/A comparisons, and what comes \
            of it (false positives, block SD, least effect) is kept and shown in later reports. \
            Its exit code is 5 when more differences are found than are in order.

            EXAMPLES
              plumbline doctor
              plumbline doctor --json
              plumbline doctor --calibrate=10
              sudo plumbline doctor --restore
            """)

    /// Whether a program reads it.
    @Flag(help: "Write one JSON document (schema plumbline.doctor/1).")
    public var json = false

    /// Whether to undo what killed runs left, and look at nothing.
    @Flag(help: "Put back what killed runs left: cgroups, mounts, devices, knobs.")
    public var restore = false

    /// Whether to run A/A comparisons, and look at nothing else.
    @Flag(help: "Compare this machine with itself, and keep what comes of it.")
    public var calibrate = false

    /// How long.
    @Option(
        help: ArgumentHelp(
            "With --calibrate, how long; --calibrate=MINUTES is the same. Default: 10.",
            valueName: "minutes"))
    public var minutes: Double?

    /// Decides the order of slices and how arms are relabelled.
    @Option(help: ArgumentHelp("With --calibrate, decides the order.", valueName: "number"))
    public var seed: UInt64?

    /// Where the blocks are kept.
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "With --calibrate, keep the journal of the blocks here.", valueName: "journal"))
    public var output: String?

    /// Another agent.
    @Option(
        help: ArgumentHelp(
            "With --calibrate, the agent to run, in place of the one beside plumbline.",
            valueName: "path"))
    public var agent: String?

    /// Made by the argument parser.
    public init() {}

    /// The arguments with `--calibrate=MINUTES` as the flag and its option.
    static func spelledOut(_ arguments: [String]) -> [String] {
        guard arguments.first == configuration.commandName else { return arguments }
        let told = "--calibrate="
        return arguments.flatMap { argument in
            argument.hasPrefix(told)
                ? ["--calibrate", "--minutes", String(argument.dropFirst(told.count))]
                : [argument]
        }
    }

    /// Refuses flags that exclude each other.
    public func validate() throws {
        if json, restore { throw ValidationError("--json and --restore do not go together") }
        if calibrate, restore {
            throw ValidationError("--calibrate and --restore do not go together")
        }
        if !calibrate, minutes != nil || seed != nil || output != nil || agent != nil {
            throw ValidationError("--minutes, --seed, --output and --agent need --calibrate")
        }
        if let minutes, !(minutes > 0 && minutes <= 10_080) {
            throw ValidationError("--minutes must be above 0 and at most a week")
        }
    }

    /// Looks at the machine, or restores it.
    ///
    /// - Returns: 0; with `--restore` 1 when something could not be put back, with `--calibrate` 5
    ///   when more differences are found than are in order.
    public func run(on console: Console) async throws -> Int32 {
        if calibrate {
            return try await CalibrationRun(
                minutes: minutes ?? 10, seed: seed, output: output, agent: agent, json: json
            ).run(on: console)
        }
        if restore {
            let text = RestoreText(UndoLog.restoreAbandoned(), isRoot: ChildProcess.userID == 0)
            console.document(text.lines.joined(separator: "\n") + "\n")
            return text.exitCode
        }
        let findings = Examination.findings()
        let text =
            try json
            ? DoctorReport(findings).json()
            : DoctorText(hasColour: Self.wantsColour(console)).render(findings)
        console.document(text)
        return 0
    }

    /// Whether the document goes to a terminal whose user has not asked for plain text.
    ///
    /// Source: no-color.org.
    static func wantsColour(_ console: Console) -> Bool {
        console.documentIsTerminal && (console.environment["NO_COLOR"] ?? "").isEmpty
    }
}
