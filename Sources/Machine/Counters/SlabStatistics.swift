// SPDX-License-Identifier: GPL-3.0-or-later

/// What SLUB counts of some caches, on a kernel with `CONFIG_SLUB_STATS`.
///
/// Source: Documentation/ABI/testing/sysfs-kernel-slab.
package struct SlabStatistics: Sendable, Equatable {
    /// Allocations from a sheaf, or before Linux 7.0 from the CPU's slab.
    package private(set) var fast = 0
    /// Other allocations.
    package private(set) var slow = 0
    /// Objects put into sheaves; nil on a kernel without them.
    package private(set) var refilled: Int?

    /// Reads those of these caches; nil where the kernel counts nothing. A merged cache counts what
    /// its aliases do.
    ///
    /// - Parameter caches: names; one that ends in `*` is a prefix.
    package init?(_ caches: [String], in tree: SystemTree = .live) {
        let root = "/sys/kernel/slab"
        let names = caches.flatMap { cache in
            cache.hasSuffix("*")
                ? tree.list(root).filter { $0.hasPrefix(cache.dropLast()) } : [cache]
        }
        var found = false
        for name in Set(names) {
            func count(_ file: String) -> Int? {
                // `123 C0=100 C1=23`: the sum and each CPU's part.
                tree.read("\(root)/\(name)/\(file)")?.words.first.flatMap { Int($0) }
            }
            guard let fast = count("alloc_fastpath"), let slow = count("alloc_slowpath") else {
                continue
            }
            found = true
            self.fast += fast
            self.slow += slow
            if let count = count("sheaf_refill") { refilled = (refilled ?? 0) + count }
        }
        guard found else { return nil }
    }

    /// What was counted between two reads.
    package static func - (after: SlabStatistics, before: SlabStatistics) -> SlabStatistics {
        var change = after
        change.fast -= before.fast
        change.slow -= before.slow
        if let refilled = after.refilled { change.refilled = refilled - (before.refilled ?? 0) }
        return change
    }
}
