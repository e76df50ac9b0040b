// SPDX-License-Identifier: GPL-3.0-or-later

import Histogram

/// One kind of operation in a slice, summed over its workers.
public struct TrackRecord: Codable, Sendable, Equatable {
    /// Operations that completed in the interval.
    public var operations: UInt64
    /// Bytes that they moved.
    public var bytes: UInt64
    /// From this track's first operation's start to its last one's end, nanoseconds.
    public var interval: UInt64
    /// Operations that moved fewer bytes than asked.
    public var shortOperations: UInt64
    /// Failed operations by errno name, such as `EIO`.
    public var errors: [String: UInt64]
    /// Latency of each operation; absent with `timing=off`.
    public var latency: LatencyRecord?

    private enum CodingKeys: String, CodingKey {
        case operations, bytes
        case interval = "interval_ns"
        case shortOperations = "short_operations"
        case errors
        case latency = "latency_ns"
    }

    /// A track's record.
    public init(
        operations: UInt64, bytes: UInt64, interval: UInt64, shortOperations: UInt64 = 0,
        errors: [String: UInt64] = [:], latency: LatencyRecord? = nil
    ) {
        self.operations = operations
        self.bytes = bytes
        self.interval = interval
        self.shortOperations = shortOperations
        self.errors = errors
        self.latency = latency
    }
}

/// A latency distribution in nanoseconds, to 3 significant digits from 1 ns to 60 s.
public struct LatencyRecord: Codable, Sendable, Equatable {
    /// Values recorded.
    public var count: UInt64
    /// The mean of what was recorded.
    public var mean: Double
    /// The least value.
    public var min: UInt64
    /// The median.
    public var p50: UInt64
    /// The 90th percentile.
    public var p90: UInt64
    /// The 99th percentile.
    public var p99: UInt64
    /// The 99.9th percentile.
    public var p99_9: UInt64
    /// The greatest value.
    public var max: UInt64
    /// Whether an operation waits for the one before it (`true`), or has a time of its own at
    /// which it was due (`false`, open loop: latency counts from that time).
    public var closedLoop: Bool
    /// The whole distribution, as `HistogramCoding` writes it.
    public var histogram: String

    private enum CodingKeys: String, CodingKey {
        case count, mean, min, p50, p90, p99, p99_9, max
        case closedLoop = "closed_loop"
        case histogram
    }

    /// A latency distribution.
    public init(
        count: UInt64, mean: Double, min: UInt64, p50: UInt64, p90: UInt64, p99: UInt64,
        p99_9: UInt64, max: UInt64, closedLoop: Bool, histogram: String
    ) {
        self.count = count
        self.mean = mean
        self.min = min
        self.p50 = p50
        self.p90 = p90
        self.p99 = p99
        self.p99_9 = p99_9
        self.max = max
        self.closedLoop = closedLoop
        self.histogram = histogram
    }
}

extension LatencyRecord {
    /// Sums up a histogram of nanoseconds; `nil` when it holds nothing.
    public init?(_ histogram: Histogram<UInt64>, closedLoop: Bool) {
        self.init(LatencyCounts(histogram), closedLoop: closedLoop)
    }

    /// The whole distribution; `nil` when its encoding is damaged.
    public var distribution: Histogram<UInt64>? {
        HistogramCoding.decode(histogram).flatMap { $0.totalCount == count ? $0 : nil }
    }
}
