// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// A counter of the kernel's perf subsystem, from `perf_event_open(2)`; counting from the start.
public struct Counter: ~Copyable, Sendable {
    /// What is counted.
    public enum Kind: String, CaseIterable, Sendable {
        /// Instructions executed in the kernel; needs a PMU, which a guest often lacks.
        case kernelInstructions
        /// Times that another task got the CPU.
        case contextSwitches
        /// Page faults, minor and major.
        case pageFaults
        /// Moves from one CPU to another.
        case cpuMigrations

        var raw: Int32 {
            switch self {
            case .kernelInstructions: Int32(CSHIMS_COUNTER_KERNEL_INSTRUCTIONS)
            case .contextSwitches: Int32(CSHIMS_COUNTER_CONTEXT_SWITCHES)
            case .pageFaults: Int32(CSHIMS_COUNTER_PAGE_FAULTS)
            case .cpuMigrations: Int32(CSHIMS_COUNTER_CPU_MIGRATIONS)
            }
        }
    }

    /// What is counted.
    public let kind: Kind
    private let descriptor: Descriptor

    /// Starts counting with `perf_event_open(2)`, on any CPU.
    ///
    /// - Parameters:
    ///   - process: the process to count in; 0 for the calling thread.
    ///   - inherit: also counts in what it forks or starts from then on.
    /// - Throws: `noSuchFileOrDirectory` (`ENOENT`) or `notSupported` (`EOPNOTSUPP`)
    ///   without a PMU, `permissionDenied` by `perf_event_paranoid`,
    ///   `noFunction` without perf.
    public init(_ kind: Kind, process: Int32 = 0, inherit: Bool = true) throws(Errno) {
        descriptor = Descriptor(
            owning: try checked(cshims_counter_open(kind.raw, process, inherit)))
        self.kind = kind
    }

    /// The count so far, by `read(2)`, scaled for the time it was multiplexed away.
    ///
    /// With `inherit` it holds the share of tasks that still run too.
    public borrowing func read() throws(Errno) -> UInt64 {
        var count: UInt64 = 0
        try checked(cshims_counter_read(descriptor.rawValue, &count))
        return count
    }
}
