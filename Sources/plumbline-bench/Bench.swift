// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Linux
import Machine
import SystemPackage

/// `make bench`: Plumbline's loops against bare C loops and against fio, in interleaved pairs.
///
/// Prints ratios without a verdict: on a busy machine their quartiles are further apart.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plumbline-bench",
        abstract: "Compare Plumbline's loops with bare C loops and with fio, pair by pair.",
        discussion: """
            A pair is one run of each program, in random order. The ratio is Plumbline's rate over \
            the other's; its median and quartiles over the pairs are printed. Direct I/O runs on \
            ext4 over zram as root, otherwise on a file in the current directory.
            """)

    @Option(help: ArgumentHelp("Number of pairs for each comparison.", valueName: "n"))
    var pairs = 10

    @Option(help: ArgumentHelp("Length of one run.", valueName: "time"))
    var slice = "1s"

    @Option(help: ArgumentHelp("Run only comparisons whose name contains this.", valueName: "text"))
    var only = ""

    @Option(
        help: ArgumentHelp(
            "Measure only the turnaround of slices, here and over ssh.",
            valueName: "ssh://[user@]host[:port]"))
    var on: String?

    @Option(help: ArgumentHelp("With --on, the configuration of ssh.", valueName: "file"))
    var sshConfig: String?

    func validate() throws {
        guard (1...1000).contains(pairs) else {
            throw ValidationError("invalid value '\(pairs)' for --pairs (allowed: 1 to 1000)")
        }
        guard Duration.nanoseconds(parsing: slice) != nil else {
            throw ValidationError(
                "invalid value '\(slice)' for --slice (allowed: a time such as 500ms)")
        }
    }

    func run() throws {
        do throws(PlumblineError) {
            try compare()
        } catch {
            Self.report("\(error)")
            throw ExitCode(error.exitCode)
        }
    }

    private static let reportName = "report"
    private static let fleetName = "fleet"

    private func compare() throws(PlumblineError) {
        do { try Interrupts.catch() } catch { throw .failure("sigaction: \(error)") }
        let nanoseconds = Duration.nanoseconds(parsing: slice)!
        let clock = FastClock.calibrated()
        let programs = try Programs()
        if let on {
            print(try Self.turnaround(programs, on: on, configuration: sshConfig))
            return
        }
        let file = try BenchFile()
        defer { file.remove() }
        print("pairs: \(pairs), each run \(slice), clock: \(clock.source.rawValue)")
        print("direct I/O on: \(file.place)")
        print(try Self.agentCost(programs.agent))
        let showsReports = only.isEmpty || Self.reportName.contains(only)
        if showsReports { print(try Self.reportCost(programs)) }
        let showsFleet = only.isEmpty || Self.fleetName.contains(only)
        if showsFleet { print(try Self.fleetCost(programs)) }
        print("")
        let all =
            Comparison.pipes(programs, clock: clock, nanoseconds: nanoseconds)
            + Comparison.directIO(programs, path: file.path, nanoseconds: nanoseconds)
            + Comparison.published(programs, path: file.zeroPath, nanoseconds: nanoseconds)
            + Comparison.handicaps(programs, nanoseconds: nanoseconds)
        let matching = all.filter { only.isEmpty || $0.name.contains(only) }
        guard !matching.isEmpty || showsReports || showsFleet else {
            let names = all.map(\.name) + [Self.reportName, Self.fleetName]
            throw .usage(
                "no comparison matches --only '\(only)'",
                remedy: "known: \(names.joined(separator: ", "))")
        }
        print(Comparison.heading)
        for comparison in matching {
            do throws(PlumblineError) {
                print(try comparison.line(pairs: pairs))
            } catch {
                guard error.kind != .interrupted else { throw error }
                Self.report("\(comparison.name): \(error)")
            }
        }
    }

    private static func report(_ message: String) {
        _ = try? FileDescriptor.standardError.writeAll("plumbline-bench: \(message)\n".utf8)
    }
}
