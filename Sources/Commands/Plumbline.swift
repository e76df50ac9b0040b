// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics

/// The command `plumbline`.
public struct Plumbline: ParsableCommand {
    /// The subcommands and the help text.
    public static let configuration = CommandConfiguration(
        commandName: "plumbline",
        abstract: "Measures Linux's pipe and direct-I/O paths under real memory pressure.",
        discussion: """
            Real workloads make real system calls on this machine's kernel, in short slices in \
            random order; what each slice did, and the proof that memory was scarce, goes to a \
            journal.

              plumbline doctor          what this machine can measure, and what is missing
              plumbline run smoke       a first look in seconds
              plumbline toggle SUITE    two values of a knob, and which is faster
              plumbline compare A B     two stored journals, or the verdicts of one
              plumbline kernel build    kernels for guests, from source and patches
              plumbline ab SUITE        two kernels side by side, and which is faster

            Exit codes: 0 all is well, 1 the tool or the machine failed, 5 nothing valid was \
            measured, 64 wrong usage, 130 interrupted; a verdict adds 3 and 4, see \
            `plumbline toggle --help`.
            """,
        version: plumblineVersion,
        subcommands: [
            RunCommand.self, ToggleCommand.self, AbCommand.self, CompareCommand.self,
            KernelCommand.self, DoctorCommand.self,
        ])

    /// Made by the argument parser.
    public init() {}

    /// Runs a command line, the program's name left out.
    ///
    /// - Returns: the exit code.
    public static func main(_ arguments: [String], console: Console) async -> Int32 {
        var console = console
        console.arguments = arguments
        let code = await execute(arguments, console)
        // Somebody who stops reading (`| head`) has what they want.
        guard let failure = console.documentFailure(), failure != .brokenPipe else { return code }
        console.diagnostics("plumbline: stdout: \(failure)\n")
        return code == 0 ? 1 : code
    }

    private static func execute(_ arguments: [String], _ console: Console) async -> Int32 {
        do {
            var command = try parseAsRoot(DoctorCommand.spelledOut(arguments))
            if let command = command as? any ConsoleCommand {
                return try await command.run(on: console)
            }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let error as PlumblineError {
            console.diagnostics("plumbline: \(error)\n")
            return error.exitCode
        } catch {
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            if !message.isEmpty {
                (code.isSuccess ? console.document : console.diagnostics)(message + "\n")
            }
            return code.rawValue
        }
    }
}
