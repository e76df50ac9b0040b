// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Linux
import Machine
import Protocol
import SystemPackage

/// The programs under test, and how they are run.
struct Programs {
    let plumbline: String
    let agent: String
    let pipeBaseline: String
    let directBaseline: String
    /// fio's own small benchmark, where it is installed.
    let smallFio: String?

    /// The programs in the directory of this one.
    init() throws(PlumblineError) {
        guard let own = try? SystemFile.ownProgram(), let slash = own.lastIndex(of: "/") else {
            throw .failure("cannot read /proc/self/exe", remedy: "mount proc on /proc")
        }
        plumbline = own[...slash] + "plumbline"
        agent = own[...slash] + "plumbline-agent"
        pipeBaseline = own[...slash] + "pipe-baseline"
        directBaseline = own[...slash] + "dio-baseline"
        smallFio = Self.find("io_uring")
        for path in [plumbline, agent, pipeBaseline, directBaseline] where !SystemFile.exists(path)
        {
            throw .failure("\(path) does not exist", remedy: "run make build")
        }
    }

    /// A program on the PATH, or in a folder `t` there, where fio's build leaves it.
    private static func find(_ name: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.flatMap { ["\($0)/\(name)", "\($0)/t/\(name)"] }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Runs one slice and returns its operations a second.
    func rate(
        of workload: String, _ settings: [String], nanoseconds: Int
    ) throws(PlumblineError) -> Double {
        let record = try record(workload, settings, nanoseconds: nanoseconds)
        guard let rate = record.rate, record.validity.isValid else {
            let reasons = record.validity.reasons.map { "\($0.key): \($0.value)" }
            throw .failure(
                "a slice of \(workload) is void: \(reasons.joined(separator: ", "))",
                remedy: "if the machine is busy, give a longer --slice")
        }
        return rate
    }

    /// Runs one slice and returns its record.
    func record(
        _ workload: String, _ settings: [String], nanoseconds: Int
    ) throws(PlumblineError) -> SliceRecord {
        let output = try Self.run(
            [agent, "--cell", workload, "--slice", "\(nanoseconds)ns"]
                + settings.flatMap { ["--set", $0] })
        return try LineCodec.decode(SliceRecord.self, from: output.utf8)
    }

    /// What running a program costs.
    struct Cost: CustomStringConvertible {
        /// The median time, nanoseconds.
        var time: Double
        /// The most resident memory, bytes.
        var resident: Int
        /// Bytes of its output.
        var output: Int

        var description: String {
            "\(Decimal.time(nanoseconds: time)), \(resident / 1_000_000) MB of memory, "
                + "\(Decimal.fixed(Double(output) / 1e6, 2)) MB of output"
        }
    }

    /// The cost of running a program, whose output goes to a file that has no name.
    ///
    /// - Parameter codes: the exit codes of success.
    static func cost(
        of arguments: [String], starts: Int, codes: Set<Int32> = [0]
    ) throws(PlumblineError) -> Cost {
        var times: [Double] = []
        var (resident, size) = (0, 0)
        do throws(Errno) {
            for _ in 0..<starts {
                let output = try Descriptor.open(
                    DataDirectory.standard, [.readWrite, .temporary], mode: 0o600)
                let start = Clock.monotonicNanoseconds()
                let child = try Command.spawn(arguments, output: output)
                guard let (exit, usage) = try child.waitWithUsage(), case .exited(let code) = exit,
                    codes.contains(code)
                else { break }
                times.append(Double(Clock.monotonicNanoseconds() - start))
                resident = max(resident, Int(usage.maxResidentBytes))
                size = try output.facts().size
            }
        } catch {
            throw .failure("\(arguments[0]): \(error)", remedy: "run make build")
        }
        guard times.count == starts else {
            throw .failure("\(arguments.joined(separator: " ")) failed", remedy: "run make build")
        }
        return Cost(
            time: Comparison.quantile(times.sorted(), 0.5), resident: resident, output: size)
    }

    /// The rate of a C loop, which prints operations and nanoseconds.
    static func rate(ofLoop arguments: [String]) throws(PlumblineError) -> Double {
        let output = try run(arguments)
        let numbers = output.words.compactMap { Double($0) }
        guard numbers.count == 2, numbers[1] > 0 else {
            throw .failure("unexpected output of \(arguments[0]): '\(output)'")
        }
        return numbers[0] / numbers[1] * 1e9
    }

    /// Runs a program to its end and returns its output.
    static func run(_ arguments: [String]) throws(PlumblineError) -> String {
        let result: Command.Result
        do {
            result = try Command.run(arguments, outputLimit: 1 << 20)
        } catch {
            throw failure(arguments[0], error)
        }
        guard result.succeeded else {
            throw .failure("\(arguments.joined(separator: " ")) failed: \(result.output)")
        }
        return result.output
    }

    /// The error for a program that did not run. An interrupted system call means that a signal ended
    /// the comparison.
    static func failure(_ program: String, _ error: Errno) -> PlumblineError {
        error == .interrupted
            ? PlumblineError(.interrupted, "interrupted")
            : .failure("\(program): \(error)", remedy: "run make setup")
    }
}
