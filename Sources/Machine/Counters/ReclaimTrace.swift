// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Direct reclaim by thread, its count and its time: a tracefs histogram over the tracepoints at
/// both ends of direct reclaim, in the machine and for a group's limit.
///
/// Source: Documentation/trace/histogram.rst, include/trace/events/vmscan.h.
public struct ReclaimTrace: ReclaimCounter, Sendable {
    private static let root = "/sys/kernel/tracing"
    private static let event = "plumbline_stall"
    private static let directory = "\(root)/events/synthetic/\(event)"
    private static let sum = "hist:keys=pid:vals=us"
    private static let kinds = ["direct", "memcg"]

    private static func point(_ kind: String) -> String {
        "\(root)/events/vmscan/mm_vmscan_\(kind)_reclaim"
    }
    /// The most threads in one boot: a histogram with variables cannot be cleared. Stalls of further
    /// threads are dropped.
    private static let room = "size=8192"

    /// Starts the trace for the rest of the boot, before any load, because it patches code.
    ///
    /// - Throws: `noSuchFileOrDirectory` when the kernel lacks histograms or the tracepoints.
    public static func start() throws(Errno) {
        try SystemFile.write("\(event) int pid; u64 us", to: "\(root)/synthetic_events")
        for kind in kinds {
            try SystemFile.write(
                "hist:keys=common_pid:\(kind)_at=common_timestamp.usecs:\(room)",
                to: "\(point(kind))_begin/trigger")
            try SystemFile.write(
                "hist:keys=common_pid:\(kind)_us=common_timestamp.usecs-$\(kind)_at:\(room)"
                    + ":onmatch(vmscan.mm_vmscan_\(kind)_reclaim_begin)"
                    + ".\(event)(common_pid,$\(kind)_us)",
                to: "\(point(kind))_end/trigger")
        }
        try SystemFile.write(sum, to: "\(directory)/trigger")
        // Without stacks the stalls are still counted.
        for kind in kinds {
            try? SystemFile.write(ReclaimStacks.trigger, to: "\(point(kind))_begin/trigger")
        }
    }

    /// Forgets all stalls so far, and makes room for new threads.
    public func clear() {
        try? SystemFile.write("\(Self.sum):clear", to: tree.path("\(Self.directory)/trigger"))
        for kind in Self.kinds {
            try? SystemFile.write(
                "\(ReclaimStacks.trigger):clear", to: tree.path("\(Self.point(kind))_begin/trigger")
            )
        }
    }

    private let tree: SystemTree

    /// The trace that `start` began; nil without one.
    public init?(in tree: SystemTree = .live) {
        self.tree = tree
        guard tree.exists("\(Self.directory)/hist") else { return nil }
    }

    /// The stalls of each thread since `clear`; nil once a stall was dropped.
    public func stalls(
        of processes: [Int32], callers: Set<String>
    ) -> [Int32: ReclaimStalls]? {
        guard let all = tree.read("\(Self.directory)/hist").flatMap(Self.parse) else { return nil }
        let threads = threads(of: processes, in: tree)
        var result = all.filter { threads.contains($0.key) }
        guard !callers.isEmpty, let requests = requests(from: callers) else { return result }
        for thread in result.keys { result[thread]?.requests = requests[thread] ?? 0 }
        return result
    }

    /// The stalls of each thread that these functions entered by an allocation; nil without stacks.
    private func requests(from callers: Set<String>) -> [Int32: Int64]? {
        var sum: [Int32: Int64] = [:]
        for kind in Self.kinds {
            guard let text = tree.read("\(Self.point(kind))_begin/hist"),
                let found = ReclaimStacks.parse(text, callers: callers)
            else { return nil }
            sum.merge(found, uniquingKeysWith: +)
        }
        return sum
    }

    /// Lines such as `{ pid: 68 } hitcount: 220  us: 46389`.
    static func parse(_ text: String) -> [Int32: ReclaimStalls]? {
        var result: [Int32: ReclaimStalls] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.first == "Dropped:", fields.last != "0" { return nil }
            guard line.hasPrefix("{") else { continue }
            let words = line.split { $0 == " " || $0 == ":" }.map(String.init)
            guard words.count == 8, words[1] == "pid", words[4] == "hitcount", words[6] == "us",
                let thread = Int32(words[2]), let count = Int64(words[5]),
                let microseconds = Int64(words[7])
            else { continue }
            result[thread] = ReclaimStalls(count: count, microseconds: microseconds)
        }
        return result
    }
}
