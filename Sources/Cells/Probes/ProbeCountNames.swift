// SPDX-License-Identifier: GPL-3.0-or-later

/// The names of counts by which designs are told apart.
package enum ProbeCountNames {
    /// Pages that a write of so many allocates.
    package static func allocated(pages: Int) -> String { "\(words(pages)): allocated" }
    /// Those of them that it allocates while it holds the pipe's lock.
    package static func locked(pages: Int) -> String { "\(words(pages)): under the lock" }
    /// Pages that a write of 64 KiB allocates before it fails.
    package static func failed(with error: String) -> String {
        "a write that fails with \(error): allocated"
    }
    /// Structures that a read takes from an allocator.
    package static func structures(completing place: String) -> String { "\(place): allocated" }
    /// Those of them that come from a slab cache of their own.
    package static func fromCache(completing place: String) -> String {
        "\(place): from a slab cache of their own"
    }
    /// Structures that are neither in use nor free after the reads.
    package static func kept(completing place: String) -> String { "\(place): kept" }
    /// The same, some seconds later.
    package static func keptLater(completing place: String) -> String {
        "\(place): kept 3 s after the reads"
    }
    /// Where reads complete, by null_blk's irqmode.
    package static let places = ["inline", "softirq", "hard interrupt"]
    /// Objects of a sheaf of the slab cache.
    package static let sheaf = "slab cache: objects a sheaf"

    /// `1 page`, `2 pages`.
    package static func words(_ pages: Int) -> String { pages == 1 ? "1 page" : "\(pages) pages" }
}
