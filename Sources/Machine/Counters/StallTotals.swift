// SPDX-License-Identifier: GPL-3.0-or-later

/// Pressure stall information: for how long tasks waited for a resource since boot.
///
/// Source: Documentation/accounting/psi.rst; the files of `/proc/pressure` and a cgroup's
/// `memory.pressure`.
public struct StallTotals: Sendable, Equatable {
    /// Microseconds in which at least one task waited.
    public let some: Int64
    /// Microseconds in which all tasks waited; nil where the kernel does not tell (CPU, before
    /// 5.13).
    public let full: Int64?

    /// Reads one of the kernel's files; nil when it is something else.
    public init?(_ text: String) {
        var totals: [Substring: Int64] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first, let last = words.last, last.hasPrefix("total="),
                let total = Int64(last.dropFirst(6))
            else { continue }
            totals[first] = total
        }
        guard let some = totals["some"] else { return nil }
        self.some = some
        full = totals["full"]
    }

    /// The machine's totals for `memory`, `io` or `cpu`; nil without PSI.
    public static func system(_ resource: String, in tree: SystemTree = .live) -> StallTotals? {
        tree.read("/proc/pressure/\(resource)").flatMap(StallTotals.init)
    }
}
