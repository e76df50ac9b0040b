// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Which functions entered direct reclaim, by thread, in the machine and for a group's limit: tracefs
/// histograms of stacks.
///
/// They cost something only when memory is reclaimed.
///
/// Source: Documentation/trace/histogram.rst, include/trace/events/vmscan.h.
struct ReclaimStacks: Sendable {
    private static let points = ["direct", "memcg"].map {
        "/sys/kernel/tracing/events/vmscan/mm_vmscan_\($0)_reclaim_begin"
    }
    /// The histogram's trigger. Threads times stacks in one visit are some hundred at most.
    private static let trigger = "hist:keys=common_pid,common_stacktrace:size=2048"

    /// Makes the histograms for the rest of a guest's boot, before any load, because that patches
    /// code. They rest until `prepare`.
    ///
    /// - Throws: `noSuchFileOrDirectory` when the kernel lacks histograms or the tracepoints.
    static func start() throws(Errno) {
        for point in points {
            try SystemFile.write("\(trigger):pause", to: "\(point)/trigger")
        }
    }

    /// The histograms that `start` made; nil without them.
    init?() {
        let texts = Self.points.map { SystemTree.live.read("\($0)/trigger") ?? "" }
        guard texts.allSatisfy({ $0.contains("common_stacktrace") }) else { return nil }
    }

    /// Forgets all stacks so far, and keeps further ones or not.
    func prepare(isOn: Bool) {
        for point in Self.points {
            for word in isOn ? ["clear", "cont"] : ["pause"] {
                try? SystemFile.write("\(Self.trigger):\(word)", to: "\(point)/trigger")
            }
        }
    }

    /// The stalls of each thread that these functions entered by an allocation; nil where stacks
    /// were dropped.
    func requests(from callers: Set<String>) -> [Int32: Int64]? {
        var sum: [Int32: Int64] = [:]
        for point in Self.points {
            guard let text = SystemTree.live.read("\(point)/hist"),
                let found = Self.parse(text, callers: callers)
            else { return nil }
            sum.merge(found, uniquingKeysWith: +)
        }
        return sum
    }

    /// Counts, by thread, the stacks whose first function that is no allocator is one of `callers`.
    ///
    /// - Parameter text: a `hist` file with this histogram, and perhaps others.
    /// - Returns: nil when the histogram is not there, or stacks were dropped.
    static func parse(_ text: String, callers: Set<String>) -> [Int32: Int64]? {
        var result: [Int32: Int64] = [:]
        var (isThere, isHere) = (false, false)
        var thread: Int32?
        var caller: Substring?
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == ":" || $0 == "," }
            guard let first = words.first else { continue }
            if line.hasPrefix("# trigger info:") {
                isHere = line.contains("common_stacktrace")
                isThere = isThere || isHere
            }
            if first == "{", words.last == "common_stacktrace", words.count == 4 {
                (thread, caller) = (Int32(words[2]), nil)
            } else if first == "}", let at = thread {
                if let caller, callers.contains(String(caller)), let count = words.last {
                    result[at, default: 0] += Int64(count) ?? 0
                }
                thread = nil
            } else if thread != nil, caller == nil {
                let name = first.prefix { $0 != "+" && $0 != "." }
                if !AllocatorFunctions.contain(name) { caller = name }
            } else if isHere, first == "Dropped", words.last != "0" {
                return nil
            }
        }
        return isThere ? result : nil
    }
}
