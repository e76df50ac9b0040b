// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// Feeds a target in several child processes, each with its own range of inputs.
struct FuzzRun {
    /// What a run showed.
    struct Outcome {
        var inputs = 0
        var accepted = 0
        /// Different refusals, those left out that fewer than one in 2,000 inputs got: they are most
        /// often one that has a part of the input in its words.
        var refusals = 0
        var seconds = 0.0
        /// The longest CPU time of an input, milliseconds, and the input.
        var longest = (time: 0.0, number: 0)
        /// Bytes by which the heap of a child grew from a tenth of its inputs on.
        var growth = 0
        /// The most bytes of memory that a child had.
        var memory = 0
        var findings: [FuzzJob.Finding] = []
    }

    /// Findings after which a target is given up.
    private static let findingLimit = 8

    let target: FuzzTarget
    let seed: UInt64
    /// Child processes.
    let jobs: Int

    /// Reads these inputs; goes on behind one that ends a child.
    func run(_ numbers: Range<Int>) throws(PlumblineError) -> Outcome {
        let size = FuzzProgress.size
        let memory = try attempting("cannot share memory") { () throws(Errno) in
            try MappedMemory(bytes: size * jobs, shared: true)
        }
        let mutator = Mutator(target, seed: seed)
        var children = (0..<jobs).map { job in
            let (start, end) = (numbers.count * job / jobs, numbers.count * (job + 1) / jobs)
            let part = UnsafeMutableRawBufferPointer(
                rebasing: memory.bytes[size * job..<size * (job + 1)])
            return FuzzJob(
                mutator, reading: numbers.lowerBound + start..<numbers.lowerBound + end,
                progress: FuzzProgress(part))
        }
        var outcome = Outcome()
        let start = Clock.monotonicNanoseconds()
        while !children.allSatisfy(\.isDone) {
            for job in children.indices where !children[job].isDone {
                guard let finding = try children[job].look() else { continue }
                outcome.findings.append(finding)
                guard outcome.findings.count < Self.findingLimit else {
                    for job in children.indices { children[job].stop() }
                    break
                }
            }
            try? Clock.sleep(nanoseconds: 10_000_000)
        }
        outcome.seconds = Double(Clock.monotonicNanoseconds() - start) / 1e9
        outcome.inputs = numbers.count
        sum(children.map(\.progress), into: &outcome)
        return outcome
    }

    private func sum(_ progress: [FuzzProgress], into outcome: inout Outcome) {
        func numbers(_ place: FuzzProgress.Place) -> [Int] {
            progress.map { Int($0[place].load()) }
        }
        outcome.accepted = numbers(.accepted).reduce(0, +)
        let counts = progress.map(\.refusals)
        let least = max(2, outcome.inputs / 2_000)
        outcome.refusals = counts[0].indices.count { kind in
            counts.reduce(0) { $0 + $1[kind] } >= least
        }
        outcome.growth = numbers(.growth).max() ?? 0
        outcome.memory = numbers(.memory).max() ?? 0
        let longest = zip(numbers(.longest), numbers(.slowest)).max { $0.0 < $1.0 }
        outcome.longest = (Double(longest?.0 ?? 0) / 1e6, longest?.1 ?? 0)
    }
}
