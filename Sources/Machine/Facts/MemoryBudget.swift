// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// How much memory there is, and how much of it we may take.
public struct MemoryBudget: Sendable, Equatable {
    /// The machine's memory in bytes: MemTotal.
    public let total: Int
    /// What can be had without swapping, in bytes: MemAvailable, or less by our cgroup's limit.
    public let available: Int

    /// Memory of this size, of which this much can be had.
    public init(total: Int, available: Int) {
        self.total = total
        self.available = available
    }

    /// Reads `/proc/meminfo` and the limits of this process's groups.
    ///
    /// - Throws: `failure` when `/proc` is not there.
    public static func read(in tree: SystemTree = .live) throws(PlumblineError) -> MemoryBudget {
        var fields: [String: Int] = [:]
        for line in (tree.read("/proc/meminfo") ?? "").split(separator: "\n") {
            let words = line.words
            if words.count >= 2, let value = Int(words[1]) { fields[words[0]] = value << 10 }
        }
        guard let total = fields["MemTotal:"], let available = fields["MemAvailable:"] else {
            throw .failure("cannot read /proc/meminfo", remedy: "mount proc on /proc")
        }
        let headroom = MemoryHierarchy.find(in: tree)?.headroom ?? available
        return MemoryBudget(total: total, available: min(available, headroom))
    }

    /// What must stay available whatever we do: 5 % of the memory, at least 256 MiB.
    public var reserve: Int { max(256 << 20, total / 20) }

    /// What we may take, in bytes.
    public var spendable: Int { max(0, available - reserve) }

    /// Refuses to take more than leaves the reserve.
    ///
    /// - Parameters:
    ///   - what: who wants it, for the message.
    ///   - remedy: which setting to lower.
    /// - Throws: `usage`, with what there is.
    public func check(
        _ bytes: Int, for what: String, remedy: String
    ) throws(PlumblineError) {
        guard bytes > spendable else { return }
        throw .usage(
            "\(what) needs \(mebibytes(bytes)), and only \(mebibytes(spendable)) can be taken: "
                + "\(mebibytes(available)) are available, of which \(mebibytes(reserve)) "
                + "stay with the machine",
            remedy: remedy)
    }

    private func mebibytes(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20)MiB" }
}
