// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Host
import Linux

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

            EXAMPLES
              plumbline doctor
              plumbline doctor --json
              sudo plumbline doctor --restore
            """)

    /// Whether a program reads it.
    @Flag(help: "Write one JSON document (schema plumbline.doctor/1).")
    public var json = false

    /// Whether to undo what killed runs left, and look at nothing.
    @Flag(help: "Put back what killed runs left: cgroups, mounts, devices, knobs.")
    public var restore = false

    /// Made by the argument parser.
    public init() {}

    /// Refuses flags that exclude each other.
    public func validate() throws {
        if json, restore { throw ValidationError("--json and --restore do not go together") }
    }

    /// Looks at the machine, or restores it.
    ///
    /// - Returns: 0; with `--restore` 1 when something could not be put back.
    public func run(on console: Console) throws -> Int32 {
        if restore {
            let text = RestoreText(Ledger.restoreAbandoned(), isRoot: ChildProcess.userID == 0)
            console.document(text.lines.joined(separator: "\n") + "\n")
            return text.exitCode
        }
        let findings = Doctor.examine()
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
