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
    ///   - inherit: also counts in its later threads and children.
    /// - Throws: `noSuchFileOrDirectory` (`ENOENT`) or `notSupported` (`EOPNOTSUPP`)
    ///   without a PMU, `permissionDenied` by `perf_event_paranoid`,
    ///   `noFunction` without perf.
    public init(_ kind: Kind, process: Int32 = 0, inherit: Bool = true) throws(Errno) {
        descriptor = Descriptor(
            owning: try checked(cshims_counter_open(kind.raw, process, inherit)))
        self.kind = kind
    }

    /// The count so far, by `read(2)`.
    ///
    /// With `inherit` it includes tasks that still run.
    public borrowing func read() throws(Errno) -> Count {
        var count = cshims_count()
        try checked(cshims_counter_read(descriptor.rawValue, &count))
        return Count(value: count.value, wanted: count.enabled_ns, counted: count.running_ns)
    }

    /// The kernel's instructions over some thousand system calls: 0 when a counter opens but counts
    /// nothing, as in some virtual machines.
    ///
    /// - Throws: as `init`; `resourceBusy` when other programs hold all counters.
    public static func tryInstructions() throws(Errno) -> UInt64 {
        let counter = try Counter(.kernelInstructions)
        var count = Count()
        // A counter that is multiplexed with others gets its turn within milliseconds, or never.
        for _ in 0..<100 where count.counted == 0 {
            for _ in 0..<1000 { _ = ChildProcess.parentID }
            count = try counter.read()
        }
        guard count.counted > 0 else { throw .resourceBusy }
        return count.value
    }
}

/// A counter's value, and the part of the time in which it counted: when programs want more
/// counters than the CPU has, the kernel multiplexes them.
public struct Count: Sendable, Equatable {
    /// Events.
    public var value: UInt64 = 0
    /// Nanoseconds on a CPU in which the counter was enabled.
    public var wanted: UInt64 = 0
    /// Nanoseconds in which it counted.
    public var counted: UInt64 = 0

    /// A count.
    public init(value: UInt64 = 0, wanted: UInt64 = 0, counted: UInt64 = 0) {
        self.value = value
        self.wanted = wanted
        self.counted = counted
    }

    /// Whether it counted all the time.
    public var isWhole: Bool { counted == wanted }

    /// An estimate of all events: the count, scaled to the enabled time.
    public var scaled: UInt64 {
        guard counted > 0, !isWhole else { return value }
        return UInt64(Double(value) * Double(wanted) / Double(counted))
    }

    /// The count since an earlier reading.
    public func since(_ before: Count) -> Count {
        Count(
            value: value &- before.value, wanted: wanted &- before.wanted,
            counted: counted &- before.counted)
    }

    /// Adds another counter's count.
    public mutating func add(_ other: Count) {
        value &+= other.value
        wanted &+= other.wanted
        counted &+= other.counted
    }
}
