// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Linux
import Machine
import SystemPackage

/// `make bench`: Plumbline's loops against a bare C loop and against fio, in interleaved pairs.
///
/// Prints ratios and never judges: a busy machine makes them wide, not wrong.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plumbline-bench",
        abstract: "Compare Plumbline's loops with a bare C loop and with fio, pair by pair.",
        discussion: """
            A pair is one run of each, in random order. The ratio is Plumbline's rate over the \
            other's; its median over the pairs and the quartiles are printed. Direct I/O runs on \
            ext4 over zram as root, otherwise on a file in the current directory.
            """)

    @Option(help: ArgumentHelp("Pairs of each comparison.", valueName: "n"))
    var pairs = 10

    @Option(help: ArgumentHelp("The length of one run.", valueName: "time"))
    var slice = "1s"

    @Option(help: ArgumentHelp("Only comparisons whose name contains this.", valueName: "text"))
    var only = ""

    func validate() throws {
        guard (1...1000).contains(pairs) else {
            throw ValidationError("--pairs takes a number from 1 to 1000")
        }
        guard Duration.nanoseconds(parsing: slice) != nil else {
            throw ValidationError("--slice takes a time with its unit, such as 500ms or 2s")
        }
    }

    func run() throws {
        do throws(PlumblineError) {
            try compare()
        } catch {
            _ = try? FileDescriptor.standardError.writeAll("plumbline-bench: \(error)\n".utf8)
            throw ExitCode(error.exitCode)
        }
    }

    private func compare() throws(PlumblineError) {
        do { try Interrupts.catch() } catch { throw .failure("sigaction: \(error)") }
        let nanoseconds = Duration.nanoseconds(parsing: slice)!
        let clock = FastClock.calibrated()
        let tools = try Tools.beside()
        let field = try BenchFile()
        defer { field.remove() }
        print("pairs: \(pairs), each run \(slice), clock: \(clock.source.rawValue)")
        print("direct I/O on: \(field.place)")
        print(try AgentFigures.line(tools.agent))
        let showsReports = ReportFigures.name.contains(only) || only.isEmpty
        if showsReports { print(try ReportFigures.line(tools)) }
        print("")
        let all =
            PipeContest.all(tools: tools, clock: clock, nanoseconds: nanoseconds)
            + DirectContest.all(tools: tools, path: field.path, nanoseconds: nanoseconds)
            + HandicapContest.all(tools: tools, nanoseconds: nanoseconds)
        let matching = all.filter { only.isEmpty || $0.name.contains(only) }
        guard !matching.isEmpty || showsReports else {
            let names = all.map(\.name) + [ReportFigures.name]
            throw .usage(
                "--only '\(only)' matches no comparison",
                remedy: "there are: \(names.joined(separator: ", "))")
        }
        print(RatioTable.heading)
        for contest in matching {
            do throws(PlumblineError) {
                print(RatioTable.row(contest, try play(contest)))
            } catch {
                guard error.kind != .interrupted else { throw error }
                _ = try? FileDescriptor.standardError.writeAll(
                    "plumbline-bench: \(contest.name): \(error)\n".utf8)
            }
        }
    }

    private func play(_ contest: Contest) throws(PlumblineError) -> [Pair] {
        var played: [Pair] = []
        // One unrecorded pair warms caches and lays out what is needed.
        for round in 0...pairs {
            let oursFirst = Bool.random()
            let first = try (oursFirst ? contest.ours : contest.theirs)()
            let second = try (oursFirst ? contest.theirs : contest.ours)()
            if Interrupts.pending != nil { throw PlumblineError(.interrupted, "interrupted") }
            guard round > 0 else { continue }
            played.append(
                oursFirst
                    ? Pair(ours: first, theirs: second) : Pair(ours: second, theirs: first))
        }
        return played
    }
}
