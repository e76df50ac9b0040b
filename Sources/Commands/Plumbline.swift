// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Glibc
import Linux
import Machine
import SystemPackage

/// The command `plumbline`.
public struct Plumbline: ParsableCommand {
    /// The subcommands and the help text.
    public static let configuration = CommandConfiguration(
        commandName: "plumbline",
        abstract: "Measure Linux pipes and direct I/O under memory pressure.",
        discussion: """
            Workloads make system calls on the running kernel or in a guest, in short slices in \
            random order. A journal records what each slice did, and whether memory was scarce.

              plumbline doctor          check what this machine can measure
              plumbline suite list      list what can be measured
              plumbline run smoke       measure the running kernel for some seconds
              plumbline toggle SUITE    compare two values of a knob
              plumbline compare A B     compare two journals
              plumbline report A B C    print what journals say, in one table
              plumbline kernel build    build kernels for guests
              plumbline ab SUITE        compare two kernels
              plumbline target check    check a machine that reboots between kernels
              plumbline gate SUITE      check a kernel in a script or CI job
              plumbline bisect SUITE    find the commit that changed the speed
              plumbline series PATCHES  compare each patch of a series with the one before
              plumbline fleet submit    compare on many machines of a Slurm cluster
              plumbline history trend   see how verdicts change over time

            Exit codes: 0 success, 1 an error of the tool or the machine, 3 a cell regressed, 4 a \
            cell is inconclusive or images-differ, 5 no valid measurement, 64 usage error, 130 \
            interrupted.

            EXAMPLES
              plumbline doctor
              plumbline run smoke --output today.jsonl
              plumbline report today.jsonl
            """,
        version: plumblineVersion,
        subcommands: [
            RunCommand.self, ToggleCommand.self, AbCommand.self, CompareCommand.self,
            ReportCommand.self, GateCommand.self,
            BisectCommand.self, BisectStepCommand.self, SeriesCommand.self,
            SuiteCommand.self, KernelCommand.self, TargetCommand.self, DoctorCommand.self,
            ProbeCommand.self,
            FleetCommand.self, HistoryCommand.self,
        ])

    /// Made by the argument parser.
    public init() {}

    /// Runs a command line, the program's name left out.
    ///
    /// - Returns: the exit code.
    public static func main(_ arguments: [String], console: Console) async -> Int32 {
        var console = console
        console.arguments = arguments
        defer { VerboseLog.send(to: nil) }
        let code = await execute(arguments, console)
        guard let failure = console.documentFailure() else { return code }
        let isVerdict = [3, 4, 5].contains(code)
        // A reader that ends early, such as head, is no error. A verdict that it did not read is not
        // told by the exit code either: that is the one of SIGPIPE then.
        if failure == .brokenPipe { return isVerdict ? 128 + SIGPIPE : code }
        console.diagnostics("plumbline: stdout: \(failure)\n")
        return code == 0 || isVerdict ? 1 : code
    }

    /// The absolute path of this program.
    ///
    /// - Throws: `failure` where proc is not mounted.
    static func program() throws(PlumblineError) -> String {
        do { return try SystemFile.ownProgram() } catch {
            throw .failure("/proc/self/exe: \(error)", remedy: "mount proc on /proc")
        }
    }

    /// Says why this process cannot work where it can start no threads: the async runtime would wait
    /// for them forever.
    ///
    /// - Returns: the exit code; nil where there are threads.
    public static func refuseWithoutThreads(on console: Console) -> Int32? {
        do throws(Errno) {
            try WorkerThread.tryOut(leastThreads)
            return nil
        } catch {
            let failure = PlumblineError.failure(
                "cannot start \(leastThreads) threads: \(error)",
                remedy: "raise the limits of memory and of processes: see `ulimit -v` and "
                    + "`ulimit -u`")
            console.diagnostics("plumbline: \(failure)\n")
            return failure.exitCode
        }
    }

    /// So many threads run at the same time where an agent is spoken with.
    private static let leastThreads = 6

    private static func execute(_ arguments: [String], _ console: Console) async -> Int32 {
        do {
            try checkCommand(arguments)
            var command = try parseAsRoot(DoctorCommand.spelledOut(arguments))
            if let command = command as? any ConsoleCommand {
                guard type(of: command).usesPager else { return try await command.run(on: console) }
                return try await console.paging { try await command.run(on: $0) }
            }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let error as PlumblineError {
            console.diagnostics("plumbline: \("\(error)".printableLines)\n")
            return error.exitCode
        } catch {
            let code = exitCode(for: error)
            if let refusal = invalidValue(self.message(for: error)) {
                console.diagnostics("plumbline: \("\(refusal)".printableLines)\n")
                return code.rawValue
            }
            let message = fullMessage(for: error)
            if !message.isEmpty {
                (code.isSuccess ? console.document : console.diagnostics)(message + "\n")
            }
            return code.rawValue
        }
    }
}
