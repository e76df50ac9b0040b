// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Linux
import SystemPackage

/// `make fuzz`: feeds every parser of outside input with changed real inputs.
@main
struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plumbline-fuzz",
        abstract: "Feed the parsers of outside input with real inputs that were changed at random.",
        discussion: """
            Child processes read the inputs, each its own range. It is an error when an input ends \
            one, takes more than 10 s of CPU time or 60 s in all, when the heap grows by more than \
            16 MiB, or when a child needs more than 1 GiB. An input depends only on the seed and \
            its number.

            accepted is the share of inputs that a parser takes; refusals is how many different \
            ones it gave; longest is the CPU time of the slowest input; growth is how much the heap \
            grew, and memory the most that a child needed.

            Exit codes: 0 nothing was found, 1 something was, 64 usage error.
            """)

    @Option(help: ArgumentHelp("Inputs of each parser.", valueName: "number"))
    var inputs = 1_000_000

    @Option(help: ArgumentHelp("The number of the first input.", valueName: "number"))
    var first = 0

    @Option(
        help: ArgumentHelp("Child processes. Default: the number of CPUs.", valueName: "number"))
    var jobs: Int?

    @Option(help: ArgumentHelp("The seed. Default: a random one.", valueName: "number"))
    var seed: UInt64?

    @Option(help: ArgumentHelp("Feed this parser only; repeatable.", valueName: "name"))
    var only: [String] = []

    @Flag(help: "Print the names of the parsers, and exit.")
    var list = false

    @Flag(help: "Print the first input, read it in this process, and exit.")
    var show = false

    func validate() throws {
        guard (1...1_000_000_000).contains(inputs), (0...1_000_000_000).contains(first) else {
            throw ValidationError("allowed for --inputs and --first: up to 1000000000")
        }
        guard (1...256).contains(jobs ?? 1) else {
            throw ValidationError("allowed for --jobs: 1 to 256")
        }
    }

    func run() throws {
        do throws(PlumblineError) {
            guard try feed() else { throw PlumblineError.failure("see the findings above") }
        } catch {
            _ = try? FileDescriptor.standardError.writeAll("plumbline-fuzz: \(error)\n".utf8)
            throw ExitCode(error.exitCode)
        }
    }

    /// - Returns: whether nothing was found.
    private func feed() throws(PlumblineError) -> Bool {
        let all = try FuzzTarget.all()
        for name in only where !all.contains(where: { $0.name == name }) {
            throw .unknown("parser", name, among: all.map(\.name))
        }
        let targets = all.filter { only.isEmpty || only.contains($0.name) }
        if list {
            say(targets.map(\.name).joined(separator: "\n"))
            return true
        }
        let seed = seed ?? .random(in: 0...UInt64(UInt32.max))
        if show {
            let input = Mutator(targets[0], seed: seed).input(first)
            say(String(decoding: input, as: UTF8.self))
            say("accepted: \(try targets[0].read(input))")
            return true
        }
        let jobs = jobs ?? (try? CPUSet.allowed().count) ?? 1
        say("seed \(seed), \(Decimal.count(jobs, "job"))")
        say(Self.titles)
        var isClean = true
        for target in targets {
            let outcome = try FuzzRun(target: target, seed: seed, jobs: jobs)
                .run(first..<first + inputs)
            say(line(target, outcome))
            for finding in outcome.findings {
                isClean = false
                say("  input \(finding.number) \(finding.what); see it with:")
                say(
                    "    plumbline-fuzz --show --only \(target.name) --seed \(seed) --first "
                        + "\(finding.number)")
            }
        }
        return isClean
    }

    /// Prints a line at once, into a file too.
    private func say(_ line: String) {
        _ = try? FileDescriptor.standardOutput.writeAll("\(line)\n".utf8)
    }

    private static let titles =
        "parser                inputs seconds accepted refusals  longest  (input)    growth  memory"

    private func line(_ target: FuzzTarget, _ outcome: FuzzRun.Outcome) -> String {
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let share = 100 * Double(outcome.accepted) / Double(outcome.inputs)
        let growth = Double(outcome.growth) / Double(1 << 20)
        return target.name + right("\(outcome.inputs)", 28 - target.name.count)
            + right(Decimal.fixed(outcome.seconds, 0), 8)
            + right(Decimal.fixed(share, 1) + "%", 9) + right("\(outcome.refusals)", 9)
            + right(Decimal.fixed(outcome.longest.time, 1) + "ms", 9)
            + right("\(outcome.longest.number)", 9) + right(Decimal.fixed(growth, 2) + "MiB", 10)
            + right("\(outcome.memory >> 20)MiB", 8)
    }
}
