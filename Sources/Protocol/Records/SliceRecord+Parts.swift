// SPDX-License-Identifier: GPL-3.0-or-later

/// The result of verifying the data that was read back.
public struct VerificationRecord: Codable, Sendable, Equatable {
    /// Bytes proven to be those written, at their place.
    public var provenBytes: UInt64
    /// Bytes of fragments too short to place; covered by the totals only.
    public var unprovenBytes: UInt64
    /// Places where the data was wrong, lost, doubled or out of order.
    public var corruptions: UInt64
    /// The first corruption in words; absent when there was none.
    public var firstCorruption: String?

    private enum CodingKeys: String, CodingKey {
        case provenBytes = "proven_bytes"
        case unprovenBytes = "unproven_bytes"
        case corruptions
        case firstCorruption = "first_corruption"
    }

    /// A verification's result.
    public init(
        provenBytes: UInt64, unprovenBytes: UInt64, corruptions: UInt64,
        firstCorruption: String? = nil
    ) {
        self.provenBytes = provenBytes
        self.unprovenBytes = unprovenBytes
        self.corruptions = corruptions
        self.firstCorruption = firstCorruption
    }
}

/// The pressure of a slice and the proof that memory was scarce.
public struct PressureRecord: Codable, Sendable, Equatable {
    /// The pressure's name.
    public var kind: String
    /// Whether the kernel reclaimed at least the threshold's pages; absent where it need not.
    public var proven: Bool?
    /// Pages scanned by direct reclaim a second, the least that counts as pressure.
    public var threshold: Double?
    /// What was counted: pgscan_direct, allocstall, memcg_max_events, psi_some_us and so on.
    public var proof: [String: Int64]
    /// Whether hogs run on the workers' CPUs; absent without hogs and where the user placed them.
    public var sharesCPUs: Bool?

    private enum CodingKeys: String, CodingKey {
        case kind, proven, threshold, proof
        case sharesCPUs = "hogs_share_cpus"
    }

    /// A pressure's record.
    public init(kind: String, proven: Bool?, threshold: Double?, proof: [String: Int64]) {
        self.kind = kind
        self.proven = proven
        self.threshold = threshold
        self.proof = proof
    }
}

/// The kernel's counters over a slice: differences unless stated otherwise.
public struct EvidenceRecord: Codable, Sendable, Equatable {
    /// /proc/vmstat, those that changed.
    public var vmstat: [String: Int64]
    /// memory.stat, memory.events or failcnt of the workload's cgroup, those that changed.
    public var memcg: [String: Int64]?
    /// PSI totals in microseconds: `memory_some`, `memory_full`, `io_some`, `cpu_some`, …
    public var psi: [String: Int64]?
    /// /proc/stat in ticks (1/100 s): `busy`, `idle`, `iowait`, `steal`.
    public var cpu: [String: Int64]
    /// getrusage of the workers: `user_ns`, `system_ns`, `minor_faults`, `major_faults`,
    /// `voluntary_switches`, `involuntary_switches`; under pressure also `reclaim_stalls` and
    /// `reclaim_stall_us`, the workers' own direct reclaim, and in guests `request_reclaims`,
    /// those that the allocation of a request's structure entered.
    public var workers: [String: Int64]
    /// Active objects of the slab caches concerned, at the end and not as a difference.
    public var slab: [String: Int64]?
    /// CPU frequency in kHz at the end, by CPU, where the kernel reports it.
    public var frequency: [String: Int64]?
    /// Requests in flight on the storage's device, by sysfs: `in_flight`, summed over the readings
    /// of a slice, and `readings`.
    public var device: [String: Int64]?
    /// perf counters over the workers: `kernel_instructions` and so on, where there is a PMU.
    public var perf: [String: Int64]?
    /// Instructions that the kernel executed for the workers, where they were counted.
    public var kernelInstructions: UInt64? {
        perf?["kernel_instructions"].flatMap(UInt64.init(exactly:))
    }
    /// Bytes that the workers' heaps grew from gate to gate: 0 in a loop that allocates nothing.
    public var heapGrowth: Int64?

    private enum CodingKeys: String, CodingKey {
        case vmstat, memcg, psi, cpu, workers, slab
        case frequency = "frequency_khz"
        case device, perf
        case heapGrowth = "heap_growth_bytes"
    }

    /// A slice's evidence.
    public init(
        vmstat: [String: Int64] = [:], memcg: [String: Int64]? = nil, psi: [String: Int64]? = nil,
        cpu: [String: Int64] = [:], workers: [String: Int64] = [:], slab: [String: Int64]? = nil,
        frequency: [String: Int64]? = nil, perf: [String: Int64]? = nil, heapGrowth: Int64? = nil
    ) {
        self.vmstat = vmstat
        self.memcg = memcg
        self.psi = psi
        self.cpu = cpu
        self.workers = workers
        self.slab = slab
        self.frequency = frequency
        self.perf = perf
        self.heapGrowth = heapGrowth
    }
}

/// Whether a slice counts.
public struct Validity: Codable, Sendable, Equatable {
    /// A reason for which a slice does not count.
    public enum Reason: String, Codable, Sendable {
        /// The kernel reclaimed less than the suite requires.
        case unpressured
        /// The OOM killer killed a process.
        case oomKill = "oom-kill"
        /// An operation failed.
        case inputOutputError = "io-error"
        /// An operation moved fewer bytes than asked.
        case shortOperation = "short-operation"
        /// The data read back was not the data written.
        case corruption
        /// A worker died or did not stop.
        case workerFailed = "worker-failed"
        /// A hog or the churn died.
        case pressureFailed = "pressure-failed"
        /// The kernel's instructions were not counted, or only part of the time.
        case uncounted
        /// A knob that was switched held another value.
        case knobChanged = "knob-changed"
        /// The agent did not run for a part of the slice.
        case paused
        /// The CPUs of the workers or of the agent changed.
        case cpusChanged = "cpus-changed"
        /// Nothing completed in the slice.
        case empty
        /// A foreign program could not be started, ended when it should not, or failed.
        case programFailed = "program-failed"
        /// A foreign program took longer than it may.
        case timedOut = "timed-out"
        /// A foreign program printed no number for a metric.
        case noMetric = "no-metric"
    }

    /// Why the slice is void, each with a detail in words; empty when it counts.
    public var reasons: [String: String]

    /// Whether a worker or a hog is gone or out of its place, so that the agent ended the visit with
    /// the slice.
    public var endsVisit: Bool {
        [Reason.workerFailed, .pressureFailed, .oomKill, .cpusChanged].contains {
            reasons[$0.rawValue] != nil
        }
    }
    /// Whether the slice counts.
    public var isValid: Bool { reasons.isEmpty }

    /// A slice that counts, or not for these reasons.
    public init(_ reasons: [Reason: String] = [:]) {
        self.reasons = Dictionary(uniqueKeysWithValues: reasons.map { ($0.key.rawValue, $0.value) })
    }
}
