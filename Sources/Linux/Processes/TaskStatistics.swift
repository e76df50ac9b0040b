// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// The kernel's statistics of single threads, asked for by netlink.
///
/// Source: Documentation/accounting/taskstats.rst and delay-accounting.rst.
public struct TaskStatistics: ~Copyable, Sendable {
    /// A thread's direct reclaim since its start.
    public struct Reclaim: Sendable, Equatable {
        /// How often it reclaimed memory before it got some.
        public let count: UInt64
        /// How long that took in all.
        public let nanoseconds: UInt64
    }

    /// Asks once for this process, to see whether that works.
    ///
    /// - Throws: as `init` and `reclaim`.
    public static func tryOut() throws(Errno) {
        _ = try TaskStatistics().reclaim(of: ChildProcess.currentID)
    }

    private let descriptor: Descriptor
    private let family: UInt16

    /// Opens a socket.
    ///
    /// - Throws: `noSuchFileOrDirectory` for a kernel without taskstats.
    public init() throws(Errno) {
        var family: UInt16 = 0
        descriptor = Descriptor(owning: try checked(cshims_task_statistics_open(&family)))
        self.family = family
    }

    /// The direct reclaim of a thread, in the machine and for a group's limit; 0 for a thread that
    /// was started while `kernel.task_delayacct` was 0.
    ///
    /// - Throws: `noSuchProcess` when it has ended, `notPermitted` without CAP_NET_ADMIN.
    public borrowing func reclaim(of thread: Int32) throws(Errno) -> Reclaim {
        var found = cshims_task_reclaim()
        try checked(
            cshims_task_statistics_read(descriptor.rawValue, family, thread, &found))
        return Reclaim(count: found.count, nanoseconds: found.nanoseconds)
    }
}
