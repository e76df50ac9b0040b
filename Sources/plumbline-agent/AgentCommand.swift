// SPDX-License-Identifier: GPL-3.0-or-later

import Agent
import ArgumentParser
import Basics
import Cells
import Linux
import Protocol

/// `plumbline-agent`: serves a controller on stdin and stdout, or runs one slice by hand.
@main
struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plumbline-agent",
        abstract: "Run one slice at a time on this kernel.",
        usage: """
            plumbline-agent
            plumbline-agent --hello
            plumbline-agent --cell WORKLOAD [--set KEY=VALUE ...] [--pressure KIND]
            """,
        discussion: """
            Without options it speaks JSON Lines with plumbline on stdin and stdout: hello, a \
            result for each order, bye. With --cell it runs one slice and prints its record.

            EXAMPLES
              plumbline-agent --cell pipe --set writers=2 --set msgsize=64k
              plumbline-agent --cell dio --set bs=4k --set iodepth=32 --pressure memcg
            """,
        version: plumblineVersion)

    @Flag(help: "Print the greeting with the machine's facts and exit.")
    var hello = false

    @Option(help: ArgumentHelp("Run one slice of this workload.", valueName: "workload"))
    var cell: String?

    @Option(help: ArgumentHelp("A setting of the workload; may repeat.", valueName: "key=value"))
    var set: [String] = []

    @Option(
        help: ArgumentHelp(
            "\(PressureCatalogue.all.map { $0.name }.joined(separator: ", ")).",
            valueName: "kind"))
    var pressure = NoPressure.name

    @Option(help: ArgumentHelp("A setting of the pressure; may repeat.", valueName: "key=value"))
    var pressureSet: [String] = []

    @Option(help: ArgumentHelp("The measured part.", valueName: "time"))
    var slice = "0.5s"

    @Option(name: .customLong("guard"), help: ArgumentHelp("Uncounted load.", valueName: "time"))
    var guardTime = "0.125s"

    @Flag(
        help: ArgumentHelp(
            "Count kernel instructions and software events with perf.",
            discussion: "Each context switch of the workers becomes slower."))
    var counters = false

    @Flag(help: "Change nothing: log what preparing each cell would change.")
    var dryRun = false

    @Option(help: "The seed of offsets and verified data.")
    var seed: UInt64 = 1

    /// Starts as a guest's first process, as a guardian or holder, or as a command.
    static func main() {
        let arguments = CommandLine.arguments
        if GuestInit.isInit(arguments.first ?? "") {
            GuestInit.run { port, facts in Self.serveGuest(port, facts) }
        }
        if arguments.dropFirst().first == Guardian.option {
            Guardian.main(Array(arguments.dropFirst(2)))
        }
        if arguments.dropFirst().first == Holder.option {
            Holder.main(Array(arguments.dropFirst(2)))
        }
        if arguments.dropFirst().first == Restorer.option {
            Restorer.main(Array(arguments.dropFirst(2)))
        }
        Self.main(nil)
    }

    private static func serveGuest(_ port: CInt, _ facts: GuestFacts) -> Int32 {
        stayResident()
        do throws(PlumblineError) {
            let clock = FastClock.calibrated()
            let session = try AgentSession(
                input: port, output: port, clock: clock, counts: facts.counts, isAlone: true,
                unfitReason: facts.unfitReason)
            return session.serve(hello: Hello.ofThisMachine(clock: clock))
        } catch {
            StandardError.say("plumbline: \(error)")
            return error.exitCode
        }
    }

    /// Under pressure on the whole machine a swapped-out agent answers late and adds to the reclaim
    /// that it measures. Without permission to lock it goes on.
    private static func stayResident() { try? ProcessMemory.lock() }

    func run() throws {
        var code: Int32 = 0
        do throws(PlumblineError) {
            code = try serve()
        } catch {
            StandardError.say("plumbline-agent: \(error)")
            code = error.exitCode
        }
        throw ExitCode(code)
    }

    private func serve() throws(PlumblineError) -> Int32 {
        do { try Interrupts.catch() } catch { throw .failure("sigaction: \(error)") }
        Self.stayResident()
        let clock = FastClock.calibrated()
        if hello {
            try printLine(Hello.ofThisMachine(clock: clock))
            return 0
        }
        guard let cell else {
            return try AgentSession(
                input: 0, output: 1, clock: clock, counts: counters, isDry: dryRun
            ).serve(hello: Hello.ofThisMachine(clock: clock))
        }
        let executor = try OrderExecutor(clock: clock, counts: counters)
        defer { executor.undoAll() }
        let plan = try plan(workload: cell)
        let order = SliceOrder(
            order: 0, visit: 0, cell: plan.name, number: 0,
            duration: try time(slice, "--slice", least: 1),
            guardTime: try time(guardTime, "--guard", least: 0), seed: seed)
        try executor.prepare(PrepareOrder(order: 0, visit: 0, cell: plan, seed: seed))
        try printLine(executor.run(order))
        return 0
    }

    private func printLine(_ record: some Encodable) throws(PlumblineError) {
        let line = try LineCodec.encode(record)
        do { try RawStream.writeAll(line, to: 1) } catch { throw .failure("stdout: \(error)") }
    }

    private func plan(workload: String) throws(PlumblineError) -> CellPlan {
        CellPlan(
            name: workload, workload: workload, settings: try pairs(set, "--set"),
            pressure: pressure, pressureSettings: try pairs(pressureSet, "--pressure-set"))
    }

    private func pairs(
        _ arguments: [String], _ option: String
    ) throws(PlumblineError) -> [String: SettingValue] {
        var values: [String: SettingValue] = [:]
        for pair in arguments {
            guard let equals = pair.firstIndex(of: "="), equals > pair.startIndex else {
                throw .usage("invalid value '\(pair)' for \(option) (allowed: KEY=VALUE)")
            }
            let key = String(pair[..<equals])
            let value = SettingValue.text(String(pair[pair.index(after: equals)...]))
            guard values.updateValue(value, forKey: key) == nil else {
                throw .usage("\(option): duplicate key \(key)")
            }
        }
        return values
    }

    private func time(
        _ text: String, _ option: String, least: Int
    ) throws(PlumblineError) -> Int {
        guard let value = Duration.nanoseconds(parsing: text),
            (least...3_600_000_000_000).contains(value)
        else {
            throw .usage(
                "invalid value '\(text)' for \(option) (allowed: \(least)ns to 1h, such as 500ms)")
        }
        return value
    }
}
