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
              plumbline fleet status --schema
            """)

    /// The fleet's directory.
    @Argument(
        help: ArgumentHelp("The directory of the fleet.", valueName: "dir"), completion: .directory)
    public var directory: String?
    /// The result's form.
    @Option(help: ReportFormat.help) public var format = ReportFormat.text
    /// Whether to print the document's schema only.
    @Flag(help: "Print the JSON Schema of the output of --format json, and exit.")
    public var schema = false

    /// Made by the argument parser.
    public init() {}

    /// Prints.
    public func run(on console: Console) throws -> Int32 {
        if schema {
            console.document(ReportFormat.fleetSchemaText)
            return 0
        }
        let fleet = try FleetDirectory(given: directory, to: "status")
        let status = try FleetStatus(of: fleet, slurm: Slurm())
        try console.show(
            FleetReport(tasks: status.tasks, verdict: nil, exitCode: 0), as: format)
        return 0
    }
}

extension FleetDirectory {
    /// The directory that a command was given.
    ///
    /// - Throws: `usage` where it was given none, else as `init(opening:)`.
    init(given directory: String?, to command: String) throws(PlumblineError) {
        guard let directory else {
            throw .usage(
                "fleet \(command): missing a directory",
                remedy: "give the one of `fleet submit`; see `plumbline fleet \(command) --help`")
        }
        try self.init(opening: directory)
    }
}
