// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// Feeds a target in a child process, and watches it: a trap ends the child, and an input that takes
/// long is seen from here.
struct FuzzRun {
    /// What was found wrong with an input.
    struct Finding {
        var number: Int
        var what: String
    }

    /// What a run showed.
    struct Outcome {
        var inputs = 0
        var accepted = 0
        var seconds = 0.0
        /// The longest time of an input, milliseconds.
        var longest = 0.0
        /// Resident bytes after a tenth of the inputs, and at the end.
        var memory = (0, 0)
        var findings: [Finding] = []
    }

    /// CPU time that an input may take, in clock ticks of 10 ms.
    private static let longestTicks = 200
    /// Bytes by which the process may grow from a tenth of the inputs on.
    private static let growthLimit = 64 << 20
    /// Findings after which a target is given up.
    private static let findingLimit = 8

    /// The child's words in shared memory.
    private enum Place: Int, CaseIterable {
        case number, accepted, longest, early, late

        var offset: Int { 8 * rawValue }
    }

    let target: FuzzTarget
    let seed: UInt64

    /// Reads these inputs; goes on behind one that ends the child.
    func run(_ numbers: Range<Int>) throws(PlumblineError) -> Outcome {
        var outcome = Outcome()
        let memory = try attempting("cannot share memory") { () throws(Errno) in
            try MappedMemory(bytes: 8 * Place.allCases.count, shared: true)
        }
        let start = Clock.monotonicNanoseconds()
        var rest = numbers
        while !rest.isEmpty, outcome.findings.count < Self.findingLimit {
            let what = try watch(rest, memory.bytes)
            guard let what else { break }
            let number = Int(word(.number, memory.bytes).load())
            outcome.findings.append(Finding(number: number, what: what))
            rest = min(number + 1, rest.upperBound)..<rest.upperBound
        }
        outcome.inputs = numbers.count
        outcome.accepted = Int(word(.accepted, memory.bytes).load())
        outcome.longest = Double(word(.longest, memory.bytes).load()) / 1e6
        outcome.seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
        outcome.memory = (
            Int(word(.early, memory.bytes).load()), Int(word(.late, memory.bytes).load())
        )
        let growth = outcome.memory.1 - outcome.memory.0
        if growth > Self.growthLimit {
            outcome.findings.append(
                Finding(number: numbers.upperBound, what: "memory grew by \(ByteSize(growth))"))
        }
        return outcome
    }

    private func word(_ place: Place, _ memory: UnsafeMutableRawBufferPointer) -> SharedCounter {
        SharedCounter(in: memory, at: place.offset)
    }

    /// Has a child read the inputs.
    ///
    /// - Returns: what ended it before the last one; nil when nothing did.
    private func watch(
        _ numbers: Range<Int>, _ memory: UnsafeMutableRawBufferPointer
    ) throws(PlumblineError) -> String? {
        let child = try attempting("cannot fork") { () throws(Errno) in
            try ChildProcess.fork {
                feed(numbers, memory)
                return 0
            }
        }
        var (number, ticks) = (UInt64.max, 0)
        while true {
            let exit = try attempting("wait4") { () throws(Errno) in try child.wait(noHang: true) }
            switch exit {
            case .exited(0): return nil
            case .exited(let code): return "ended the process with code \(code)"
            case .signalled(let signal): return "crashed by signal \(signal)"
            case nil: break
            }
            let now = word(.number, memory).load()
            let used = Self.ticks(of: child.id)
            if now != number {
                (number, ticks) = (now, used)
            } else if used - ticks > Self.longestTicks {
                try? child.kill()
                _ = try? child.wait()
                return "took more than \(Self.longestTicks / 100) s"
            }
            try? Clock.sleep(nanoseconds: 10_000_000)
        }
    }

    /// The child's life.
    private func feed(_ numbers: Range<Int>, _ memory: UnsafeMutableRawBufferPointer) {
        let mutator = Mutator(target, seed: seed)
        let early = numbers.lowerBound + numbers.count / 10
        for number in numbers {
            word(.number, memory).store(UInt64(number))
            let input = mutator.input(number)
            let start = Clock.monotonicNanoseconds()
            if target.read(input) { word(.accepted, memory).add(1) }
            let time = Clock.monotonicNanoseconds() - start
            if time > word(.longest, memory).load() { word(.longest, memory).store(time) }
            if number == early { word(.early, memory).store(UInt64(Self.residentBytes)) }
        }
        word(.late, memory).store(UInt64(Self.residentBytes))
    }

    /// This process's memory; the second word of proc_pid_statm(5) is its resident pages.
    private static var residentBytes: Int {
        let words = ((try? SystemFile.read("/proc/self/statm")) ?? "").words
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * MappedMemory.pageSize
    }

    /// A process's CPU time: fields 14 and 15 of proc_pid_stat(5), the twelfth and thirteenth behind
    /// the name.
    private static func ticks(of process: Int32) -> Int {
        let stat = SystemTree.live.read("/proc/\(process)/stat") ?? ""
        guard let close = stat.lastIndex(of: ")") else { return 0 }
        let fields = stat[stat.index(after: close)...].words
        return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
    }
}
