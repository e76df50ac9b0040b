// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// What a thread or a process has used (`getrusage(2)`).
public struct ResourceUsage: Sendable, Equatable {
    /// Nanoseconds of CPU in user mode.
    public let userNanoseconds: UInt64
    /// Nanoseconds of CPU in the kernel.
    public let systemNanoseconds: UInt64
    /// Page faults without I/O.
    public let minorFaults: UInt64
    /// Page faults with I/O.
    public let majorFaults: UInt64
    /// Times that it gave up the CPU to wait.
    public let voluntarySwitches: UInt64
    /// Times that the CPU was taken from it.
    public let involuntarySwitches: UInt64
    /// The most bytes of memory it had at a time; of a thread, its process's.
    public let maxResidentBytes: Int

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
}
