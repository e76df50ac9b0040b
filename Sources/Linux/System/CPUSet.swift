// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import CShims
import SystemPackage

/// A set of CPUs by number, 0 to 1023.
public struct CPUSet: Sendable, Hashable {
    /// One more than the highest number that a set can hold.
    public static let capacity = Int(CSHIMS_CPU_MASK_WORDS) * 64

    private var words = [UInt64](repeating: 0, count: Int(CSHIMS_CPU_MASK_WORDS))

    /// The empty set.
    public init() {}

    /// Holds these CPUs; numbers outside 0 to 1023 are left out.
    public init(_ cpus: some Sequence<Int>) {
        for cpu in cpus where (0..<Self.capacity).contains(cpu) { insert(cpu) }
    }

    /// Reads the kernel's list format, such as "0,2-5"; nil for anything else.
    ///
    /// White space around the list is ignored. The empty list is the empty set, as in sysfs.
    public init?(list: String) {
        let text = list.trimmed
        if text.isEmpty { return }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard let first = Self.number(ends[0]), let last = Self.number(ends[ends.count - 1]),
                ends.count <= 2, first <= last
            else { return nil }
            for cpu in first...last { insert(cpu) }
        }
    }

    /// The CPUs that the calling thread may run on, by `sched_getaffinity(2)`: none that is offline.
    public static func allowed() throws(Errno) -> CPUSet { try allowed(toThread: 0) }

    /// The CPUs that a thread may run on, by its id, with `sched_getaffinity(2)`.
    ///
    /// - Throws: `noSuchProcess`.
    public static func allowed(toThread thread: Int32) throws(Errno) -> CPUSet {
        var set = CPUSet()
        try checked(cshims_get_affinity(thread, &set.words))
        return set
    }

    /// The CPU that the calling thread is on just now, by `sched_getcpu(3)`.
    public static func current() throws(Errno) -> Int {
        Int(try checked(cshims_current_cpu()))
    }

    /// Holds the calling thread to these CPUs with `sched_setaffinity(2)`.
    ///
    /// - Throws: `invalidArgument` when none of them is online and allowed.
    public func applyToCurrentThread() throws(Errno) {
        try checked(cshims_set_affinity(0, words))
    }

    /// Holds a thread of this user's, by its id, to these CPUs with `sched_setaffinity(2)`.
    ///
    /// - Throws: `noSuchProcess`; `invalidArgument` when none of them is online and allowed.
    public func apply(toThread thread: Int32) throws(Errno) {
        try checked(cshims_set_affinity(thread, words))
    }

    /// Adds a CPU, 0 to 1023.
    public mutating func insert(_ cpu: Int) {
        precondition((0..<Self.capacity).contains(cpu), "CPU \(cpu) is out of range")
        words[cpu / 64] |= 1 << UInt64(cpu % 64)
    }

    /// Whether a CPU is in the set.
    public func contains(_ cpu: Int) -> Bool {
        (0..<Self.capacity).contains(cpu) && words[cpu / 64] & (1 << UInt64(cpu % 64)) != 0
    }

    /// How many CPUs are in the set.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether no CPU is in the set.
    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// The CPUs in ascending order.
    public var cpus: [Int] { (0..<Self.capacity).filter(contains) }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let value = Int(text), value < capacity
        else { return nil }
        return value
    }
}

extension CPUSet: CustomStringConvertible {
    /// The kernel's list format: ascending, runs of two and more as "first-last".
    public var description: String {
        var runs: [(first: Int, last: Int)] = []
        for cpu in cpus {
            if let run = runs.last, run.last == cpu - 1 {
                runs[runs.count - 1].last = cpu
            } else {
                runs.append((cpu, cpu))
            }
        }
        return runs.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
            .joined(separator: ",")
    }
}
