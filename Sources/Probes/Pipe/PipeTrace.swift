// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine

/// Counts the pages that pipes take and give in this process, and those taken under a mutex.
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
    }

    private let instance: TraceInstance
    private let followsLock: Bool
    /// What the kernel prints for an allocation that failed.
    private static let noPage = "0x0"

    /// A trace of this process, which has one thread, with nothing in it.
    ///
    /// - Parameter andChildren: whether processes that it starts from now on are counted too.
    init(_ instance: TraceInstance, andChildren: Bool = false) throws(PlumblineError) {
        self.instance = instance
        try instance.limit(to: [ChildProcess.currentID], andChildren: andChildren)
        try instance.enable("kmem/mm_page_alloc", filter: "order == 0")
        try instance.enable("kmem/mm_page_free", filter: "order == 0")
        followsLock = MutexFunctions.follow(in: instance)
    }

    /// Counts what happens in `body`.
    func counting(_ body: () throws(PlumblineError) -> Void) throws(PlumblineError) -> Counts {
        try instance.recording(body)
        return try countsSoFar()
    }

    /// What was counted since `counting` began; for its body.
    func countsSoFar() throws(PlumblineError) -> Counts {
        Self.counts(in: try instance.lines(), followsLock: followsLock)
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
