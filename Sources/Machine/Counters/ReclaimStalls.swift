// SPDX-License-Identifier: GPL-3.0-or-later

/// Stalls of a thread in direct reclaim.
public struct ReclaimStalls: Sendable, Equatable {
    /// The number of stalls.
    public var count: Int64 = 0
    /// Their total time in microseconds.
    public var microseconds: Int64 = 0
    /// Those that were entered from the allocation of a request's structure; nil where the kernel
    /// keeps no stack of them, or the workload has no such structure.
    public var requests: Int64?

    /// Adds the stalls after `before`.
    public mutating func add(_ now: ReclaimStalls, since before: ReclaimStalls?) {
        count += now.count - (before?.count ?? 0)
        microseconds += now.microseconds - (before?.microseconds ?? 0)
        if let times = now.requests {
            requests = (requests ?? 0) + times - (before?.requests ?? 0)
        }
    }

    /// No stall.
    public init(count: Int64 = 0, microseconds: Int64 = 0, requests: Int64? = nil) {
        self.count = count
        self.microseconds = microseconds
        self.requests = requests
    }
}
