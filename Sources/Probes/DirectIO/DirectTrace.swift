// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine

/// Counts the structures of direct I/O that come from an allocator and go back to it, and where
/// requests complete.
///
/// Those of other processes of the machine are counted too: completions run in whatever process is
/// interrupted.
final class DirectTrace {
    private static let allocations = ["kmem/kmalloc", "kmem/kmem_cache_alloc"]
    private static let frees = ["kmem/kfree", "kmem/kmem_cache_free"]
    private static let completion = "iomap/iomap_dio_complete"
    /// In the names of the kernel's functions that allocate or free one.
    private static let functions = "iomap_dio"

    /// What was counted.
    struct Counts: Equatable {
        /// Structures from `kmalloc`.
        var kmalloc = 0
        /// Structures from a slab cache of their own.
        var cache = 0
        /// Structures that were counted and given back to an allocator.
        var freed = 0
        /// Completions by where the CPU was.
        var completions: [TraceLine.Context: Int] = [:]
        /// Structures from any allocator.
        var allocated: Int { kmalloc + cache }
    }

    private let instance: TraceInstance
    /// The addresses of structures that were counted and not freed.
    private var live: Set<String> = []

    /// A trace with nothing in it.
    ///
    /// - Throws: `failure` on a kernel without the events.
    init(_ instance: TraceInstance) throws(PlumblineError) {
        self.instance = instance
        for event in Self.allocations + Self.frees + [Self.completion] {
            try instance.enable(event)
        }
    }

    /// Counts what happens in `body`.
    func counting(_ body: () throws(PlumblineError) -> Void) throws(PlumblineError) -> Counts {
        try instance.recording(body)
        let (counts, live) = Self.counts(in: try instance.lines(), live: live)
        self.live = live
        return counts
    }

    /// What was counted since `counting` began; for its body.
    func countsSoFar() throws(PlumblineError) -> Counts {
        Self.counts(in: try instance.lines(), live: live).counts
    }

    /// Counts a trace's lines.
    ///
    /// - Parameter live: the addresses of structures that were there before.
    /// - Returns: also the addresses of those that are there afterwards.
    static func counts(
        in lines: [TraceLine], live before: Set<String>
    ) -> (counts: Counts, live: Set<String>) {
        var (counts, live) = (Counts(), before)
        for line in lines {
            let address = line["ptr"].map { String($0) } ?? ""
            let isOurs = line["call_site"]?.contains(functions) == true
            switch line.event {
            case "iomap_dio_complete": counts.completions[line.context, default: 0] += 1
            case "kmalloc" where isOurs:
                counts.kmalloc += 1
                live.insert(address)
            case "kmem_cache_alloc" where isOurs:
                counts.cache += 1
                live.insert(address)
            case "kfree", "kmem_cache_free":
                if live.remove(address) != nil { counts.freed += 1 }
            default: continue
            }
        }
        return (counts, live)
    }
}
