// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// A child process that reads a range of inputs, watched from outside: a trap ends the child, and an
/// input that takes long or memory that grows is seen.
struct FuzzJob {
    /// What was found wrong with an input.
    struct Finding {
        var number: Int
        var what: String
    }

    /// CPU time that an input may take, in clock ticks of 10 ms. One of a megabyte takes half a
    /// second in a debug build; minutes, where the time grows with the square of the length.
    private static let longestTicks = 1_000
    /// Seconds that it may take in all, where it waits for something.
    private static let longestWait = 60
    /// Bytes of the heap that may be in use above those after a tenth of the inputs.
    private static let growthLimit: UInt64 = 16 << 20
    /// Bytes of memory that a child may have had.
    private static let memoryLimit: UInt64 = 1 << 30
    /// Times that the heap is measured.
    private static let looks = 100

    /// What the child writes.
    let progress: FuzzProgress
    private let mutator: Mutator
    private var rest: Range<Int>
    private var child: ChildProcess?
    /// The input that is being read, the CPU time of the child when it began, and when that was.
    private var current: (number: UInt64, ticks: Int, since: UInt64) = (.max, 0, 0)

    init(_ mutator: Mutator, reading numbers: Range<Int>, progress: FuzzProgress) {
        self.mutator = mutator
        self.progress = progress
        rest = numbers
    }

    /// Whether there is nothing left to read.
    var isDone: Bool { rest.isEmpty }

    /// Starts a child where none runs, and looks at the one that does.
    ///
    /// - Returns: what ended it, or why it was ended; the next child goes on behind that input.
    mutating func look() throws(PlumblineError) -> Finding? {
        guard let child else {
            let job = self
            progress[.early].store(0)
            progress[.late].store(0)
            // A child may end before it stores its first.
            progress[.number].store(UInt64(rest.lowerBound))
            self.child = try attempting("cannot fork") { () throws(Errno) in
                try ChildProcess.fork {
                    // On one CPU nothing starts threads: Swift's locks between threads fail in a
                    // process that was forked.
                    try? CPUSet([CPUSet.current()]).applyToCurrentThread()
                    job.feed(job.rest)
                    return 0
                }
            }
            return nil
        }
        let end = try attempting("wait4") { () throws(Errno) in
            try child.waitWithUsage(noHang: true)
        }
        guard let (exit, usage) = end else {
            guard let what = limit(of: child) else { return nil }
            try? child.kill()
            _ = try? child.wait()
            return skip(what)
        }
        self.child = nil
        progress.raise(.memory, to: usage.maxResidentBytes)
        let isTooLarge = usage.maxResidentBytes > Self.memoryLimit
        switch exit {
        case .exited(0):
            rest = rest.upperBound..<rest.upperBound
            return isTooLarge
                ? Finding(
                    number: Int(progress[.slowest].load()),
                    what: "or another one took \(ByteSize(Int(usage.maxResidentBytes)))") : nil
        case .exited(let code): return skip("ended the process with code \(code)")
        case .signalled(let signal): return skip("crashed by signal \(signal)")
        }
    }

    /// Ends the child.
    mutating func stop() {
        try? child?.kill()
        _ = try? child?.wait()
        rest = rest.upperBound..<rest.upperBound
    }

    private mutating func skip(_ what: String) -> Finding {
        let number = Int(progress[.number].load())
        rest = min(number + 1, rest.upperBound)..<rest.upperBound
        child = nil
        current = (.max, 0, Clock.monotonicNanoseconds())
        return Finding(number: number, what: what)
    }

    /// What a child that runs has too much of.
    private mutating func limit(of child: ChildProcess) -> String? {
        let (number, ticks) = (progress[.number].load(), Self.ticks(of: child.id))
        let now = Clock.monotonicNanoseconds()
        if number != current.number { current = (number, ticks, now) }
        if ticks - current.ticks > Self.longestTicks {
            return "took more than \(Self.longestTicks / 100) s"
        }
        if now - current.since > UInt64(Self.longestWait) * 1_000_000_000 {
            return "waited for more than \(Self.longestWait) s"
        }
        let (early, late) = (progress[.early].load(), progress[.late].load())
        guard late > early + Self.growthLimit else { return nil }
        return "was read when the heap had grown by \(ByteSize(Int(late - early)))"
    }

    /// The child's life.
    private func feed(_ numbers: Range<Int>) {
        let early = numbers.lowerBound + numbers.count / 10
        let step = max(1, numbers.count / Self.looks)
        for number in numbers {
            let input = mutator.input(number)
            progress[.number].store(UInt64(number))
            let (isAccepted, time) = read(input)
            if isAccepted { progress[.accepted].add(1) }
            if time > progress[.longest].load() {
                // The first time is also that of what ran in between.
                let time = cost(of: input)
                if time > progress[.longest].load() { progress[.slowest].store(UInt64(number)) }
                progress.raise(.longest, to: time)
            }
            if number == early || (number > early && number % step == 0) {
                let heap = UInt64(ProcessMemory.heapBytes)
                progress[number == early ? .early : .late].store(heap)
            }
        }
        progress[.late].store(UInt64(ProcessMemory.heapBytes))
        progress.noteGrowth()
    }

    /// - Returns: whether the parser accepts an input, and the nanoseconds that it took.
    private func read(_ input: [UInt8]) -> (isAccepted: Bool, time: UInt64) {
        var isAccepted = false
        let start = Clock.monotonicNanoseconds()
        do throws(PlumblineError) {
            isAccepted = try mutator.target.read(input)
        } catch {
            progress.count(error)
        }
        return (isAccepted, Clock.monotonicNanoseconds() - start)
    }

    /// The nanoseconds of CPU time that an input takes.
    private func cost(of input: [UInt8]) -> UInt64 {
        let before = (try? ResourceUsage.ofCurrentThread()) ?? .init()
        _ = read(input)
        let used = (try? ResourceUsage.ofCurrentThread().since(before)) ?? .init()
        return used.userNanoseconds + used.systemNanoseconds
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
