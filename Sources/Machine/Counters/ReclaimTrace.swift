// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Which threads reclaimed memory directly, how often and for how long: a histogram that tracefs
/// keeps from the tracepoints at both ends of direct reclaim, for want of memory in the machine and
/// for a group's limit.
///
/// Source: Documentation/trace/histogram.rst, include/trace/events/vmscan.h.
public struct ReclaimTrace: Sendable {
    /// Stalls of a thread since `clear`.
    public struct Stalls: Sendable, Equatable {
        /// How often.
        public var count: Int64 = 0
        /// For how long in all, microseconds.
        public var microseconds: Int64 = 0

        /// Adds what came after `before`.
        public mutating func add(_ now: Stalls, since before: Stalls?) {
            count += now.count - (before?.count ?? 0)
            microseconds += now.microseconds - (before?.microseconds ?? 0)
        }

        /// No stall.
        public init() {}

        init(count: Int64, microseconds: Int64) {
            self.count = count
            self.microseconds = microseconds
        }
    }

    private static let root = "/sys/kernel/tracing"
    private static let event = "plumbline_stall"
    private static let directory = "\(root)/events/synthetic/\(event)"
    private static let sum = "hist:keys=pid:vals=us"
    /// Threads that both ends of reclaim can tell apart: those of a boot, as what has variables
    /// cannot be cleared. What comes after is dropped.
    private static let room = "size=8192"

    /// Starts the trace, for good: it patches code, which belongs before any load.
    ///
    /// - Throws: `noSuchFileOrDirectory` when the kernel lacks histograms or the tracepoints.
    public static func start() throws(Errno) {
        try SystemFile.write("\(event) int pid; u64 us", to: "\(root)/synthetic_events")
        for kind in ["direct", "memcg"] {
            let point = "mm_vmscan_\(kind)_reclaim"
            let events = "\(root)/events/vmscan"
            try SystemFile.write(
                "hist:keys=common_pid:\(kind)_at=common_timestamp.usecs:\(room)",
                to: "\(events)/\(point)_begin/trigger")
            try SystemFile.write(
                "hist:keys=common_pid:\(kind)_us=common_timestamp.usecs-$\(kind)_at:\(room)"
                    + ":onmatch(vmscan.\(point)_begin).\(event)(common_pid,$\(kind)_us)",
                to: "\(events)/\(point)_end/trigger")
        }
        try SystemFile.write(sum, to: "\(directory)/trigger")
    }

    /// Makes room for new threads: forgets all stalls so far.
    public func clear() {
        try? SystemFile.write("\(Self.sum):clear", to: tree.path("\(Self.directory)/trigger"))
    }

    private let tree: SystemTree

    /// The trace that `start` began; nil where there is none.
    public init?(in tree: SystemTree = .live) {
        self.tree = tree
        guard tree.exists("\(Self.directory)/hist") else { return nil }
    }

    /// The stalls of each thread since `clear`, of those too that have ended; nil once one was
    /// dropped.
    public func stalls() -> [Int32: Stalls]? {
        tree.read("\(Self.directory)/hist").flatMap(Self.parse)
    }

    /// All threads of these processes.
    public func threads(of processes: [Int32]) -> Set<Int32> {
        Set(processes.flatMap { tree.list("/proc/\($0)/task") }.compactMap { Int32($0) })
    }

    /// Lines such as `{ pid: 68 } hitcount: 220  us: 46389`.
    static func parse(_ text: String) -> [Int32: Stalls]? {
        var result: [Int32: Stalls] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.first == "Dropped:", fields.last != "0" { return nil }
            guard line.hasPrefix("{") else { continue }
            let words = line.split { $0 == " " || $0 == ":" }.map(String.init)
            guard words.count == 8, words[1] == "pid", words[4] == "hitcount", words[6] == "us",
                let thread = Int32(words[2]), let count = Int64(words[5]),
                let microseconds = Int64(words[7])
            else { continue }
            result[thread] = Stalls(count: count, microseconds: microseconds)
        }
        return result
    }
}
