// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import CShims
import SystemPackage

/// The resources that threads or processes used (`getrusage(2)`).
public struct ResourceUsage: Sendable, Equatable {
    /// Nanoseconds of CPU in user mode.
    public private(set) var userNanoseconds: UInt64 = 0
    /// Nanoseconds of CPU in the kernel.
    public private(set) var systemNanoseconds: UInt64 = 0
    /// Page faults without I/O.
    public private(set) var minorFaults: UInt64 = 0
    /// Page faults with I/O.
    public private(set) var majorFaults: UInt64 = 0
    /// Times that a CPU was given up to wait.
    public private(set) var voluntarySwitches: UInt64 = 0
    /// Times that a CPU was taken away.
    public private(set) var involuntarySwitches: UInt64 = 0
    /// The most bytes of memory at a time; of a thread, its process's.
    public private(set) var maxResidentBytes: UInt64 = 0

    /// Nothing used.
    public init() {}

    init(_ raw: cshims_usage) {
        userNanoseconds = raw.user_ns
        systemNanoseconds = raw.system_ns
        minorFaults = raw.minor_faults
        majorFaults = raw.major_faults
        voluntarySwitches = raw.voluntary_switches
        involuntarySwitches = raw.involuntary_switches
        maxResidentBytes = raw.max_resident_bytes
    }

    /// What a process and the children that it waited for have used, by `/proc/PID/stat`; nil once it
    /// is gone. CPU time comes in steps of 10 ms, and switches are those of the first thread.
    public init?(ofProcess process: Int32) {
        guard let text = try? SystemFile.read("/proc/\(process)/stat"),
            let close = text.lastIndex(of: ")")
        else { return nil }
        // From the state on, which is the third field (proc_pid_stat(5)).
        let fields = text[text.index(after: close)...].words.map { UInt64($0) ?? 0 }
        guard fields.count > 14 else { return nil }
        let tick: UInt64 = 10_000_000
        minorFaults = fields[7] &+ fields[8]
        majorFaults = fields[9] &+ fields[10]
        userNanoseconds = (fields[11] &+ fields[13]) &* tick
        systemNanoseconds = (fields[12] &+ fields[14]) &* tick
        let status = (try? SystemFile.read("/proc/\(process)/status")) ?? ""
        for line in status.split(separator: "\n") {
            let words = line.words
            guard words.count > 1, let count = UInt64(words[1]) else { continue }
            if words[0] == "voluntary_ctxt_switches:" { voluntarySwitches = count }
            if words[0] == "nonvoluntary_ctxt_switches:" { involuntarySwitches = count }
        }
    }

    /// The calling thread's use, by `getrusage(2)` `RUSAGE_THREAD`.
    public static func ofCurrentThread() throws(Errno) -> ResourceUsage {
        var raw = cshims_usage()
        try checked(cshims_usage_of_thread(&raw))
        return ResourceUsage(raw)
    }

    /// The usage since an earlier reading.
    public func since(_ before: ResourceUsage) -> ResourceUsage {
        var result = self
        result.combine(with: before, &-)
        return result
    }

    /// Adds the usage of others.
    public mutating func add(_ other: ResourceUsage) {
        combine(with: other, &+)
        maxResidentBytes = max(maxResidentBytes, other.maxResidentBytes)
    }

    private mutating func combine(
        with other: ResourceUsage, _ combined: (UInt64, UInt64) -> UInt64
    ) {
        for field in [
            \Self.userNanoseconds, \.systemNanoseconds, \.minorFaults, \.majorFaults,
            \.voluntarySwitches, \.involuntarySwitches,
        ] {
            self[keyPath: field] = combined(self[keyPath: field], other[keyPath: field])
        }
    }
}
