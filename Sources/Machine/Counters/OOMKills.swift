// SPDX-License-Identifier: GPL-3.0-or-later

/// Whether the OOM killer has killed a process anywhere since some moment, to tell its kills from
/// other programs'.
public struct OOMKills {
    private let before = Self.count

    /// The kills from now on.
    public init() {}

    /// Whether there is one; true where the kernel does not count them.
    public var isAny: Bool {
        guard let before, let now = Self.count else { return true }
        return now > before
    }

    private static var count: Int64? {
        KernelCounters.readReclaim(group: nil).vmstat?["oom_kill"]
    }
}
