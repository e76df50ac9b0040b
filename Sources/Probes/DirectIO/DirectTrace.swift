// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine

/// Counts the structures of direct I/O that come from an allocator and go back to it, and where
/// requests complete.
///
/// Those of other processes of the machine are counted too: completions run in whatever process is
/// interrupted.
struct DirectTrace {
    private static let allocations = ["kmem/kmalloc", "kmem/kmem_cache_alloc"]
    /// The structure has about 100 bytes; most allocations of other code need not be seen.
    private static let sizes = "bytes_req >= 64 && bytes_req <= 256"
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
        /// Structures that are in use or kept.
        var held: Int { allocated - freed }

        /// What was counted after another count.
        static func - (later: Counts, earlier: Counts) -> Counts {
            var counts = later
            counts.kmalloc -= earlier.kmalloc
            counts.cache -= earlier.cache
            counts.freed -= earlier.freed
            counts.completions.merge(earlier.completions) { $0 - $1 }
            return counts
        }
    }

    private let host: ProbeHost
    private let instance: TraceInstance

    /// A trace with nothing in it.
    ///
    /// - Throws: `failure` on a kernel without the events, which skips the probe.
    init(_ instance: TraceInstance, _ host: ProbeHost) throws(PlumblineError) {
        self.host = host
        self.instance = instance
        try host.granted { () throws(PlumblineError) in
            for event in Self.allocations { try instance.enable(event, filter: Self.sizes) }
            for event in Self.frees + [Self.completion] { try instance.enable(event) }
        }
    }

    /// Counts what happens in `body`.
    func counting(_ body: () throws(PlumblineError) -> Void) throws(PlumblineError) -> Counts {
        try instance.recording(body)
        return Self.counts(in: try lines())
    }

    /// Traces what happens in `body`, which counts it.
    func recording(_ body: () throws(PlumblineError) -> Void) throws(PlumblineError) {
        try instance.recording(body)
    }

    /// What was counted since tracing began; for the body.
    func countsSoFar() throws(PlumblineError) -> Counts {
        Self.counts(in: try lines())
    }

    /// The same, and what was counted before a mark.
    func countsSoFar(
        from mark: TraceMark
    ) throws(PlumblineError) -> (before: Counts, all: Counts) {
        let lines = try lines()
        return (Self.counts(in: mark.before(lines)), Self.counts(in: lines))
    }

    /// The lines so far. A trace with holes proves nothing.
    private func lines() throws(PlumblineError) -> [TraceLine] {
        try host.granted { () throws(PlumblineError) in try instance.lines() }
    }

    /// Makes sure that the trace shows reads, and that they complete where they are to.
    ///
    /// - Parameters:
    ///   - place: the place in words, one of `ProbeCountNames.places`.
    ///   - reads: how many there were.
    /// - Throws: `failure`, which skips the probe.
    func require(
        _ reads: Int, in counts: Counts, completing place: String
    ) throws(PlumblineError) {
        if let problem = Self.problem(with: counts, reads: reads, completing: place) {
            try host.skip(problem)
        }
    }

    /// Why counts say nothing of reads that complete in a place; nil when they do.
    static func problem(with counts: Counts, reads: Int, completing place: String) -> String? {
        let seen = counts.completions.values.reduce(0, +)
        guard seen >= reads else { return "the trace shows \(seen) of \(reads) direct reads" }
        let wanted: [TraceLine.Context] = [.task, .softirq, .hardirq]
        let context = zip(ProbeCountNames.places, wanted).first { $0.0 == place }?.1
        guard let most = counts.completions.max(by: { $0.value < $1.value })?.key,
            let context, most != context
        else { return nil }
        return "direct reads that are to complete in a \(context) complete in a \(most)"
    }

    /// Counts a trace's lines.
    static func counts(in lines: [TraceLine]) -> Counts {
        var counts = Counts()
        // The addresses of structures that were counted and not freed.
        var live: Set<Substring> = []
        for line in lines {
            let address = line["ptr"] ?? ""
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
        return counts
    }
}
