// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// What a thread or a process has used (`getrusage(2)`).
public struct ResourceUsage: Sendable, Equatable {
    /// Nanoseconds of CPU in user mode.
    public private(set) var userNanoseconds: UInt64 = 0
    /// Nanoseconds of CPU in the kernel.
    public private(set) var systemNanoseconds: UInt64 = 0
    /// Page faults without I/O.
    public private(set) var minorFaults: UInt64 = 0
    /// Page faults with I/O.
    public private(set) var majorFaults: UInt64 = 0
    /// Times that it gave up the CPU to wait.
    public private(set) var voluntarySwitches: UInt64 = 0
    /// Times that the CPU was taken from it.
    public private(set) var involuntarySwitches: UInt64 = 0
    /// The most bytes of memory it had at a time; of a thread, its process's.
    public private(set) var maxResidentBytes: Int = 0

    /// Nothing used.
    public init() {}

    init(_ raw: cshims_usage) {
        userNanoseconds = raw.user_ns
        systemNanoseconds = raw.system_ns
        minorFaults = raw.minor_faults
        majorFaults = raw.major_faults
        voluntarySwitches = raw.voluntary_switches
        involuntarySwitches = raw.involuntary_switches
        maxResidentBytes = Int(raw.max_resident_bytes)
    }

    /// The calling thread's use, by `getrusage(2)` `RUSAGE_THREAD`.
    public static func ofCurrentThread() throws(Errno) -> ResourceUsage {
        var raw = cshims_usage()
        try checked(cshims_usage_of_thread(&raw))
        return ResourceUsage(raw)
    }

    /// This process's use, by `getrusage(2)` `RUSAGE_SELF`.
    public static func ofCurrentProcess() throws(Errno) -> ResourceUsage {
        var raw = cshims_usage()
        try checked(cshims_usage_of_process(&raw))
        return ResourceUsage(raw)
    }

    /// What was used since an earlier reading; the most memory at a time stays as it is.
    public func since(_ before: ResourceUsage) -> ResourceUsage {
        var usage = self
        usage.userNanoseconds &-= before.userNanoseconds
        usage.systemNanoseconds &-= before.systemNanoseconds
        usage.minorFaults &-= before.minorFaults
        usage.majorFaults &-= before.majorFaults
        usage.voluntarySwitches &-= before.voluntarySwitches
        usage.involuntarySwitches &-= before.involuntarySwitches
        return usage
    }

    /// Adds another's use to this one; of the most memory at a time, the larger counts.
    public mutating func add(_ other: ResourceUsage) {
        userNanoseconds &+= other.userNanoseconds
        systemNanoseconds &+= other.systemNanoseconds
        minorFaults &+= other.minorFaults
        majorFaults &+= other.majorFaults
        voluntarySwitches &+= other.voluntarySwitches
        involuntarySwitches &+= other.involuntarySwitches
        maxResidentBytes = max(maxResidentBytes, other.maxResidentBytes)
    }
}
