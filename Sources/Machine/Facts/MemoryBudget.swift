// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// The machine's memory, and the part that workloads and hogs may take.
public struct MemoryBudget: Sendable, Equatable {
    /// The machine's memory in bytes: MemTotal.
    public let total: Int
    /// What is available without swapping, in bytes: MemAvailable, or less by our cgroup's limit.
    public let available: Int

    /// Memory of this size.
    public init(total: Int, available: Int) {
        self.total = total
        self.available = available
    }

    /// Reads `/proc/meminfo` and the limits of this process's groups.
    ///
    /// - Throws: `failure` without `/proc`.
    public static func read(in tree: SystemTree = .live) throws(PlumblineError) -> MemoryBudget {
        guard let total = tree.memory("MemTotal"), let available = tree.memory("MemAvailable")
        else {
            throw .failure("cannot read /proc/meminfo", remedy: "mount proc on /proc")
        }
        let headroom = MemoryHierarchy.find(in: tree)?.headroom ?? available
        return MemoryBudget(total: total, available: min(available, headroom))
    }

    /// The bytes that stay available: 5 % of the memory, at least 256 MiB.
    public var reserve: Int { max(256 << 20, total / 20) }

    /// The bytes that may be taken.
    public var spendable: Int { max(0, available - reserve) }

    /// Refuses to take so much that less than the reserve stays.
    ///
    /// - Parameters:
    ///   - what: the consumer, for the message.
    ///   - remedy: the setting to lower.
    /// - Throws: `usage` with the available memory.
    public func check(
        _ bytes: Int, for what: String, remedy: String
    ) throws(PlumblineError) {
        guard bytes > spendable else { return }
        throw .usage(
            "\(what) needs \(mebibytes(bytes)); allowed: at most \(mebibytes(spendable)) "
                + "(\(mebibytes(available)) are available, and \(mebibytes(reserve)) have to "
                + "stay free)",
            remedy: remedy)
    }

    private func mebibytes(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20)MiB" }
}
