// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Fleet
import Reports

/// `plumbline fleet status`: where the tasks stand.
public struct FleetStatusCommand: ConsoleCommand {
    /// The help text.
    public static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Print where the tasks of a fleet stand.",
        discussion: """
            For each task: its machine, its state, what Slurm says, how much of its plan is done, \
            and the last line of an error. Nothing is changed.

            Exit codes: 0, also when tasks failed; 1 Slurm could not be asked or a file is \
            damaged, 64 usage error.

            EXAMPLES
              plumbline fleet status nightly
              plumbline fleet status nightly --format json
            """)

    /// The fleet's directory.
    @Argument(help: ArgumentHelp("The directory of the fleet.", valueName: "dir"))
    public var directory: String
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text

    /// Made by the argument parser.
    public init() {}

    /// Prints.
    public func run(on console: Console) throws -> Int32 {
        let fleet = try FleetDirectory(opening: directory)
        let status = try FleetStatus(of: fleet, slurm: Slurm())
        try console.show(
            FleetReport(tasks: status.tasks, verdict: nil, exitCode: 0), as: format)
        return 0
    }
}
