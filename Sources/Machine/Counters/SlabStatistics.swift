// SPDX-License-Identifier: GPL-3.0-or-later

/// What SLUB counts of some caches, on a kernel with `CONFIG_SLUB_STATS`.
///
/// Source: Documentation/ABI/testing/sysfs-kernel-slab, and mm/slub.c for sheaves.
package struct SlabStatistics: Sendable, Equatable {
    /// What it counts of one cache.
    package struct Cache: Sendable, Equatable {
        /// Allocations from a sheaf, or before Linux 7.0 from the CPU's slab.
        package var fast: Int
        /// Other allocations.
        package var slow: Int
        /// Objects put into sheaves; nil on a kernel without them.
        package var refilled: Int?

        /// All allocations.
        package var allocations: Int { fast + slow }

        /// Counts of one cache.
        package init(fast: Int, slow: Int, refilled: Int? = nil) {
            self.fast = fast
            self.slow = slow
            self.refilled = refilled
        }

        /// What both count together.
        package static func + (one: Cache, other: Cache) -> Cache {
            let refilled = [one.refilled, other.refilled].compactMap { $0 }
            return Cache(
                fast: one.fast + other.fast, slow: one.slow + other.slow,
                refilled: refilled.isEmpty ? nil : refilled.reduce(0, +))
        }
    }

    /// By name. A merged cache counts what its aliases do, under each of their names.
    package private(set) var caches: [String: Cache] = [:]

    /// Counts of several caches.
    package init(caches: [String: Cache]) { self.caches = caches }

    /// Reads those of these caches; nil where the kernel counts nothing.
    ///
    /// - Parameter names: those of caches; one that ends in `*` is a prefix.
    package init?(_ names: [String], in tree: SystemTree = .live) {
        let root = "/sys/kernel/slab"
        for name in names.flatMap({ name in
            name.hasSuffix("*")
                ? tree.list(root).filter { $0.hasPrefix(name.dropLast()) } : [name]
        }) {
            func count(_ file: String) -> Int? {
                // `123 C0=100 C1=23`: the sum and each CPU's part.
                tree.read("\(root)/\(name)/\(file)")?.words.first.flatMap { Int($0) }
            }
            guard let fast = count("alloc_fastpath"), let slow = count("alloc_slowpath") else {
                continue
            }
            caches[name] = Cache(fast: fast, slow: slow, refilled: count("sheaf_refill"))
        }
        guard !caches.isEmpty else { return nil }
    }

    /// What was counted between two reads.
    package static func - (after: SlabStatistics, before: SlabStatistics) -> SlabStatistics {
        var change = after
        for (name, old) in before.caches {
            change.caches[name]?.fast -= old.fast
            change.caches[name]?.slow -= old.slow
            change.caches[name]?.refilled? -= old.refilled ?? 0
        }
        return change
    }
}
