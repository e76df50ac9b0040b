// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Direct reclaim by thread, its count and its time: a tracefs histogram over the tracepoints at
/// both ends of direct reclaim, in the machine and for a group's limit.
///
/// Source: Documentation/trace/histogram.rst, include/trace/events/vmscan.h.
public struct ReclaimTrace: Sendable {
    /// Stalls of a thread in direct reclaim since `clear`.
    public struct Stalls: Sendable, Equatable {
        /// The number of stalls.
        public var count: Int64 = 0
        /// Their total time in microseconds.
        public var microseconds: Int64 = 0

        /// Adds the stalls after `before`.
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
    /// The most threads in one boot: a histogram with variables cannot be cleared. Stalls of further
    /// threads are dropped.
    private static let room = "size=8192"

    /// Starts the trace for the rest of the boot, before any load, because it patches code.
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

    /// Forgets all stalls so far, and makes room for new threads.
    public func clear() {
        try? SystemFile.write("\(Self.sum):clear", to: tree.path("\(Self.directory)/trigger"))
    }

    private let tree: SystemTree

    /// The trace that `start` began; nil without one.
    public init?(in tree: SystemTree = .live) {
        self.tree = tree
        guard tree.exists("\(Self.directory)/hist") else { return nil }
    }

    /// The stalls of each thread since `clear`, ended threads included; nil once a stall was
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
