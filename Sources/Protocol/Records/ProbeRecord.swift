// SPDX-License-Identifier: GPL-3.0-or-later

/// What one probe found on one kernel.
public struct ProbeRecord: Codable, Sendable, Equatable {
    /// How a probe ended.
    public enum Result: String, Codable, Sendable {
        /// The kernel does what it must.
        case pass
        /// The kernel does something else.
        case fail
        /// This machine or kernel cannot run the probe.
        case skip
    }

    /// The probe's name.
    public var probe: String
    /// How it ended.
    public var result: Result
    /// What is wrong, or missing; absent for a pass.
    public var reason: String?
    /// What was counted, in the order in which it is shown.
    public var counts: [ProbeCount]
    /// How long it took, nanoseconds.
    public var duration: UInt64

    private enum CodingKeys: String, CodingKey {
        case probe, result, reason, counts
        case duration = "duration_ns"
    }

    /// A record.
    public init(
        probe: String, result: Result, reason: String? = nil, counts: [ProbeCount] = [],
        duration: UInt64 = 0
    ) {
        self.probe = probe
        self.result = result
        self.reason = reason
        self.counts = counts
        self.duration = duration
    }

    /// The value counted under this name; nil where it was not counted.
    public subscript(name: String) -> Double? { counts.first { $0.name == name }?.value }
}

/// Something that a probe counted.
public struct ProbeCount: Codable, Sendable, Equatable {
    /// What was counted, in words: `2 pages a write: allocated under the lock`.
    public var name: String
    /// The value.
    public var value: Double
    /// What the value counts, in words: `pages a write`.
    public var unit: String

    /// A count.
    public init(_ name: String, _ value: Double, unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }
}
