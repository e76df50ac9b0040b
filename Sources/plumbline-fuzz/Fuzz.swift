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
            A child process reads the inputs. It is an error when one ends it, takes more than 2 s \
            of CPU time, or when its memory grows by more than 64 MiB. An input depends only on the \
            seed and its number.

            Exit codes: 0 nothing was found, 1 something was, 64 usage error.
            """)

    @Option(help: ArgumentHelp("Inputs of each parser.", valueName: "number"))
    var inputs = 1_000_000

    @Option(help: ArgumentHelp("The number of the first input.", valueName: "number"))
    var first = 0

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
            print(targets.map(\.name).joined(separator: "\n"))
            return true
        }
        let seed = seed ?? .random(in: 0...UInt64(UInt32.max))
        if show {
            let input = Mutator(targets[0], seed: seed).input(first)
            print(String(decoding: input, as: UTF8.self))
            print("accepted: \(targets[0].read(input))")
            return true
        }
        print("seed \(seed)")
        print("parser            inputs  accepted  inputs/s  longest        memory")
        var isClean = true
        for target in targets {
            let count = max(1, inputs / target.share)
            let outcome = try FuzzRun(target: target, seed: seed).run(first..<first + count)
            print(line(target, outcome))
            for finding in outcome.findings {
                isClean = false
                print("  input \(finding.number) \(finding.what); see it with:")
                print(
                    "    plumbline-fuzz --show --only \(target.name) --seed \(seed) --first "
                        + "\(finding.number)")
            }
        }
        return isClean
    }

    private func line(_ target: FuzzTarget, _ outcome: FuzzRun.Outcome) -> String {
        func right(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        let rate = Int(Double(outcome.inputs) / max(outcome.seconds, 0.001))
        let memory = [outcome.memory.0, outcome.memory.1].map { "\($0 >> 20)" }
        return target.name + right("\(outcome.inputs)", 24 - target.name.count)
            + right("\(outcome.accepted)", 10) + right("\(rate)", 10)
            + right(Decimal.fixed(outcome.longest, 1) + "ms", 9)
            + right("\(memory[0]) to \(memory[1]) MiB", 16)
    }
}
