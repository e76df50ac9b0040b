// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Protocol

/// Which of the known designs a kernel has, by what its probes counted and not by its version.
package enum KernelDesign {
    private typealias Names = ProbeCountNames

    /// How a pipe gets the pages of a long write.
    package enum Pipe: String, Sendable, CaseIterable {
        /// All under its lock.
        case locked = "all pages under the lock"
        /// Up to 8 before the lock, whatever the pipe's state.
        case preallocation = "pages preallocated before the lock"
        /// Up to 8 before the lock, kept in a pool of the pipe.
        case pool = "pages preallocated into a pool"
        /// Before the lock as many as there is room for, so that 64 KiB needs none under it.
        case fit = "as many pages preallocated as there is room for"
    }

    /// Where direct I/O gets the structure of a request.
    package enum Direct: String, Sendable, CaseIterable {
        /// From kmalloc, for each request.
        case kmalloc = "a structure by kmalloc a request"
        /// From a slab cache of its own.
        case slab = "a structure from a slab cache of its own a request"
        /// From a slab cache with larger sheaves than the kernel chooses by itself.
        case sheaf = "a structure from a slab cache with large sheaves a request"
        /// From a list of the CPU, which takes none back in softirqs.
        case list = "structures kept in a list of each CPU, not of softirqs"
        /// From a pool that takes structures back in every context.
        case pool = "structures kept in a pool, in every context"
        /// There is none for a read of one block.
        case none = "no structure for reads of one block"
    }

    /// The design of pipes.
    ///
    /// - Parameter records: what the probes found on one kernel.
    /// - Returns: nil when they did not count what tells, or it is none of these.
    package static func pipe(_ records: [ProbeRecord]) -> Pipe? {
        guard let all = count(Names.allocated(pages: 16), in: records),
            let failed = count(Names.failed(with: "EAGAIN"), in: records)
        else { return nil }
        // A pool is filled once, by the first of several writes.
        if failed >= 1 { return .preallocation }
        // A kernel without the function tracer does not say who holds the lock.
        guard let locked = count(Names.locked(pages: 16), in: records), all > 0 else { return nil }
        return locked == all ? .locked : locked == 0 ? .fit : .pool
    }

    /// The design of direct I/O.
    ///
    /// - Parameter records: as in `pipe`.
    package static func direct(_ records: [ProbeRecord]) -> Direct? {
        let places = Names.places.map { count(Names.structures(completing: $0), in: records) }
        guard let inline = places[0], let softirq = places[1], let interrupt = places[2] else {
            return nil
        }
        if inline == 1, softirq == 1, interrupt == 1 {
            guard count(Names.fromCache(completing: Names.places[0]), in: records) == 1 else {
                return .kmalloc
            }
            return count(Names.sheaf, in: records).map { $0 >= largeSheaf } == true ? .sheaf : .slab
        }
        guard inline < 0.1, interrupt < 0.1 else { return nil }
        if softirq == 1 { return .list }
        guard softirq < 0.1 else { return nil }
        let kept = Names.places.map { count(Names.kept(completing: $0), in: records) ?? 0 }
        return kept.contains { $0 > 0 } ? .pool : Direct.none
    }

    /// Whether probes counted what tells the designs of pipes apart.
    ///
    /// A kernel without the function tracer does not show the pages that are allocated under the lock;
    /// then only a write that fails tells a design.
    package static func countsPipes(_ records: [ProbeRecord]) -> Bool {
        [Names.locked(pages: 16), Names.failed(with: "EAGAIN")].allSatisfy {
            count($0, in: records) != nil
        }
    }

    /// Whether probes counted what tells the designs of direct I/O apart.
    package static func countsDirect(_ records: [ProbeRecord]) -> Bool {
        Names.places.allSatisfy { count(Names.structures(completing: $0), in: records) != nil }
    }

    /// More objects than `calculate_sheaf_capacity()` of mm/slub.c gives to this size.
    private static let largeSheaf = 128.0

    private static func count(_ name: String, in records: [ProbeRecord]) -> Double? {
        records.lazy.compactMap { $0[name] }.first
    }
}
