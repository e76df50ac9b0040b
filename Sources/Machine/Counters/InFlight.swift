// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// How many requests are in flight on a block device, read now and then.
///
/// Source: Documentation/ABI/stable/sysfs-block, `inflight`: reads and writes that the driver has and
/// has not completed.
public struct InFlight: Sendable {
    private let path: String
    private let tree: SystemTree
    /// Requests, summed over the readings.
    public private(set) var sum: Int64 = 0
    /// How often it was read.
    public private(set) var readings: Int64 = 0

    /// Nothing read yet; nil for a device without such a count.
    public init?(device: String, in tree: SystemTree = .live) {
        guard let name = device.split(separator: "/").last else { return nil }
        path = "/sys/class/block/\(name)/inflight"
        self.tree = tree
        guard tree.exists(path) else { return nil }
    }

    /// Forgets what was read.
    public mutating func begin() {
        sum = 0
        readings = 0
    }

    /// Reads it once.
    public mutating func read() {
        let counts = (tree.read(path) ?? "").words.compactMap { Int64($0) }
        guard counts.count == 2 else { return }
        sum += counts[0] + counts[1]
        readings += 1
    }

    /// As evidence has it; nil without a reading.
    public var counters: [String: Int64]? {
        readings > 0 ? ["in_flight": sum, "readings": readings] : nil
    }
}
