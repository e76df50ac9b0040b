// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine

/// Counts the pages that pipes take and give in this thread, and those taken under a mutex.
///
/// A pipe's pages are the single pages that are accounted and may be in high memory: no other
/// allocation of a write is.
struct PipeTrace {
    /// What was counted.
    struct Counts: Equatable {
        /// Pages allocated.
        var allocated = 0
        /// Of these, pages allocated while a mutex was held; nil on a kernel without the function
        /// tracer.
        var locked: Int? = 0
        /// Of the pages allocated, those that were freed again.
        var freed = 0
        /// Allocations that failed.
        var failed = 0
        /// Of these, those while a mutex was held; 0 on a kernel without the function tracer.
        var failedLocked = 0
        /// Pages that are held.
        var held: Int { allocated - freed }

        /// What was counted after another count.
        static func - (later: Counts, earlier: Counts) -> Counts {
            var counts = later
            counts.allocated -= earlier.allocated
            counts.freed -= earlier.freed
            counts.failed -= earlier.failed
            counts.failedLocked -= earlier.failedLocked
            if let locked = earlier.locked { counts.locked? -= locked }
            return counts
        }
    }

    private let host: ProbeHost
    private let instance: TraceInstance
    private var followsLock = false
    /// What the kernel prints for an allocation that failed.
    private static let noPage = "0x0"

    /// A trace of this thread, with nothing in it.
    ///
    /// - Parameter andChildren: whether processes that it starts from now on are counted too.
    /// - Throws: `failure` on a kernel that does not show the pages of pipes, which skips the probe.
    init(
        _ instance: TraceInstance, _ host: ProbeHost, andChildren: Bool = false
    ) throws(PlumblineError) {
        self.host = host
        self.instance = instance
        let hasTracer = try host.granted { () throws(PlumblineError) in
            try instance.limit(to: [Self.thread], andChildren: andChildren)
            try instance.enable("kmem/mm_page_alloc", filter: "order == 0")
            try instance.enable("kmem/mm_page_free", filter: "order == 0")
            return MutexFunctions.follow(in: instance)
        }
        let lines = try trial(inChild: andChildren)
        guard Self.counts(in: lines, followsLock: false).allocated > 0 else {
            try host.skip(
                "the trace shows no page for a write of a page to a new pipe",
                remedy:
                    "plumbline knows pages by their flags in kmem:mm_page_alloc, GFP_HIGHUSER and "
                    + "__GFP_ACCOUNT: report the kernel's release")
        }
        followsLock = hasTracer && lines.contains(where: Self.isLock)
    }

    /// This thread's id. An agent has one thread.
    private static var thread: Int32 {
        let text = try? SystemFile.read("/proc/thread-self/stat")
        return text?.split(separator: " ").first.flatMap { Int32($0) } ?? ChildProcess.currentID
    }

    /// The trace of a write that has to show: one page, by the process that is to be counted.
    private func trial(inChild: Bool) throws(PlumblineError) -> [TraceLine] {
        let ping = try PingPong.make(pages: 1, host)
        return try recorded { () throws(PlumblineError) in
            guard inChild else { return try ping.exchange() }
            var child = ProbeChildren()
            try child.start(host) { (try? ping.exchange()) == nil ? 1 : 0 }
            _ = try child.allEnd(host)
        }
    }

    private static func isLock(_ line: TraceLine) -> Bool {
        MutexFunctions.step(of: String(line.event), from: line.text) > 0
    }

    private func recorded(
        _ body: () throws(PlumblineError) -> Void
    ) throws(PlumblineError) -> [TraceLine] {
        try instance.recording(body)
        return try lines()
    }

    /// The lines so far. A trace with holes proves nothing.
    private func lines() throws(PlumblineError) -> [TraceLine] {
        try host.granted { () throws(PlumblineError) in try instance.lines() }
    }

    /// Counts what happens in `body`.
    func counting(_ body: () throws(PlumblineError) -> Void) throws(PlumblineError) -> Counts {
        Self.counts(in: try recorded(body), followsLock: followsLock)
    }

    /// Counts what happens in `body`, and what happened before the mark that it returns; the trace
    /// is read once.
    func countingInParts(
        _ body: () throws(PlumblineError) -> TraceMark
    ) throws(PlumblineError) -> (before: Counts, all: Counts) {
        var mark = TraceMark(nanoseconds: 0)
        let lines = try recorded { () throws(PlumblineError) in mark = try body() }
        return (
            Self.counts(in: mark.before(lines), followsLock: followsLock),
            Self.counts(in: lines, followsLock: followsLock)
        )
    }

    /// What was counted since `counting` began; for its body.
    func countsSoFar() throws(PlumblineError) -> Counts {
        Self.counts(in: try lines(), followsLock: followsLock)
    }

    /// Counts a trace's lines.
    ///
    /// - Parameter followsLock: whether the lines show who locks and unlocks.
    static func counts(in lines: [TraceLine], followsLock: Bool) -> Counts {
        var counts = Counts(locked: followsLock ? 0 : nil)
        var pages: Set<Substring> = []
        // Mutexes that each thread holds.
        var held: [Int32: Int] = [:]
        for line in lines {
            switch line.event {
            case "mm_page_alloc":
                let flags = line["gfp_flags"] ?? ""
                guard flags.contains("HIGHUSER"), flags.contains("ACCOUNT") else { continue }
                let isLocked = held[line.thread, default: 0] > 0
                guard let page = line["pfn"], page != noPage else {
                    counts.failed += 1
                    if isLocked { counts.failedLocked += 1 }
                    continue
                }
                counts.allocated += 1
                pages.insert(page)
                if isLocked { counts.locked? += 1 }
            case "mm_page_free":
                if let page = line["pfn"], pages.remove(page) != nil { counts.freed += 1 }
            default:
                let step = MutexFunctions.step(of: String(line.event), from: line.text)
                held[line.thread] = max(0, held[line.thread, default: 0] + step)
            }
        }
        return counts
    }
}

extension ProbeFindings {
    /// Requires that all pages are free that a trace shows from a pipe's making to its end.
    mutating func requireFreed(_ all: PipeTrace.Counts, _ words: String) {
        require(
            all.held == 0,
            "\(words): \(all.allocated) pages were allocated, and \(all.freed) of them were freed once "
                + "the pipe was closed")
    }
}
