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
        abstract: "Compare Plumbline's loops with bare C loops and with fio, and time its reports.",
        discussion: """
            A pair is one run of each program, in random order. The ratio is Plumbline's rate over \
            the other's; its median and quartiles over the pairs are printed. Direct I/O runs on \
            ext4 over zram as root, otherwise on a file in the current directory.
            """)

    @Option(help: ArgumentHelp("Number of pairs for each comparison.", valueName: "n"))
    var pairs = 10

    @Option(help: ArgumentHelp("Length of one run.", valueName: "time"))
    var slice = "1s"

    @Option(
        help: ArgumentHelp(
            "Run only parts whose name contains this, such as report/html, history or pipe.",
            valueName: "text"))
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

    private static let agentName = "agent"
    private static let fleetName = "fleet"
    private static let otherNames = [agentName, historyName, fleetName, commandName]

    private func compare() throws(PlumblineError) {
        do { try Interrupts.catch() } catch { throw .failure("sigaction: \(error)") }
        let programs = try Programs()
        if let on {
            print(try Self.turnaround(programs, on: on, configuration: sshConfig))
            return
        }
        let reports = Self.reportNames.filter(isWanted)
        let others = Self.otherNames.filter(isWanted)
        if others.contains(Self.agentName) { print(try Self.agentCost(programs.agent)) }
        if !reports.isEmpty { try Self.printReportCost(programs, of: reports) }
        if others.contains(Self.historyName) { try Self.printHistoryCost(programs) }
        if others.contains(Self.fleetName) { print(try Self.fleetCost(programs)) }
        if others.contains(Self.commandName) { print(try Self.commandCost(programs)) }
        try compareLoops(programs, hasOthers: !reports.isEmpty || !others.isEmpty)
    }

    private func isWanted(_ name: String) -> Bool { only.isEmpty || name.contains(only) }

    /// - Parameter hasOthers: whether `--only` selected anything else.
    private func compareLoops(_ programs: Programs, hasOthers: Bool) throws(PlumblineError) {
        let names = loops(programs, path: "", zeroPath: "").map(\.name)
        guard names.contains(where: isWanted) else {
            if hasOthers { return }
            let known =
                names + Self.reportNames + Self.otherNames
            throw .usage(
                "no comparison matches --only '\(only)'",
                remedy: "known: \(known.joined(separator: ", "))")
        }
        let file = try BenchFile()
        defer { file.remove() }
        print("pairs: \(pairs), each run \(slice), clock: \(Self.clock.source.rawValue)")
        print("direct I/O on: \(file.place)\n\n\(Comparison.heading)")
        for comparison in loops(programs, path: file.path, zeroPath: file.zeroPath)
        where isWanted(comparison.name) {
            do throws(PlumblineError) {
                print(try comparison.line(pairs: pairs))
            } catch {
                guard error.kind != .interrupted else { throw error }
                Self.report("\(comparison.name): \(error)")
            }
        }
    }

    private static let clock = FastClock.calibrated()

    /// The loops against others, by files for direct I/O.
    private func loops(_ programs: Programs, path: String, zeroPath: String) -> [Comparison] {
        let nanoseconds = Duration.nanoseconds(parsing: slice)!
        return Comparison.pipes(programs, clock: Self.clock, nanoseconds: nanoseconds)
            + Comparison.directIO(programs, path: path, nanoseconds: nanoseconds)
            + Comparison.published(programs, path: zeroPath, nanoseconds: nanoseconds)
            + Comparison.handicaps(programs, nanoseconds: nanoseconds)
    }

    private static func report(_ message: String) {
        _ = try? FileDescriptor.standardError.writeAll("plumbline-bench: \(message)\n".utf8)
    }
}
