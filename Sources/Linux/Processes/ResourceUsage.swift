// SPDX-License-Identifier: GPL-3.0-or-later

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
