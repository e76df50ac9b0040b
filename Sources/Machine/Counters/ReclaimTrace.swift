// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Direct reclaim by thread, its count and its time: a tracefs histogram over the tracepoints at
/// both ends of direct reclaim, in the machine and for a group's limit.
///
/// Source: Documentation/trace/histogram.rst, include/trace/events/vmscan.h.
public final class ReclaimTrace: ReclaimCounter {
    private static let root = "/sys/kernel/tracing"
    private static let event = "plumbline_stall"
    private static let directory = "\(root)/events/synthetic/\(event)"
    /// Small, because a read looks at the whole table; `prepare` empties it before each visit.
    private static let sum = "hist:keys=pid:vals=us:size=2048"
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
            try? SystemFile.write(
                "\(ReclaimStacks.trigger):pause", to: "\(point(kind))_begin/trigger")
        }
    }

    /// Forgets all stalls so far, makes room for new threads, and keeps stacks only where they are
    /// asked for: a stack costs more than all else here.
    public func prepare(callers: Set<String>) {
        lastRequests = nil
        try? SystemFile.write("\(Self.sum):clear", to: tree.path("\(Self.directory)/trigger"))
        for kind in Self.kinds {
            let trigger = tree.path("\(Self.point(kind))_begin/trigger")
            for word in callers.isEmpty ? ["pause"] : ["clear", "cont"] {
                try? SystemFile.write("\(ReclaimStacks.trigger):\(word)", to: trigger)
            }
        }
    }

    private let tree: SystemTree
    /// The last read of the stacks, which takes long, and the workers' stalls at that time.
    private var lastRequests: (stalls: [Int32: ReclaimStalls], count: [Int32: Int64]?)?

    /// The trace that `start` began; nil without one.
    public init?(in tree: SystemTree = .live) {
        self.tree = tree
        guard tree.exists("\(Self.directory)/hist") else { return nil }
    }

    /// The stalls of each thread since `prepare`; nil once a stall was dropped.
    public func stalls(
        of processes: [Int32], callers: Set<String>
    ) -> [Int32: ReclaimStalls]? {
        guard let all = tree.read("\(Self.directory)/hist").flatMap(Self.parse) else { return nil }
        var result: [Int32: ReclaimStalls] = [:]
        for thread in threads(of: processes, in: tree) {
            result[thread] = all[thread] ?? ReclaimStalls()
        }
        guard !callers.isEmpty else { return result }
        if lastRequests?.stalls != result { lastRequests = (result, requests(from: callers)) }
        guard let requests = lastRequests?.count else { return result }
        return result.reduce(into: [:]) { counted, stalls in
            counted[stalls.key] = stalls.value
            counted[stalls.key]?.requests = requests[stalls.key] ?? 0
        }
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
