// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Direct reclaim by thread from the kernel's delay accounting, for a machine without a reclaim
/// trace. It costs a little at each sleep on I/O, so it is on under pressure only.
public final class DelayAccounting: ReclaimCounter {
    /// The sysctl that has the kernel account the delays of threads started from then on.
    package static let path = "/proc/sys/kernel/task_delayacct"

    private let statistics: TaskStatistics
    private let undoLog: UndoLog
    private var entry: Int?

    /// Turns the accounting on, if it is off.
    ///
    /// Threads that are there already are not accounted. It needs root, `CONFIG_TASKSTATS` and
    /// `CONFIG_TASK_DELAY_ACCT`.
    ///
    /// - Throws: why this machine cannot.
    public init(_ undoLog: UndoLog) throws(PlumblineError) {
        self.undoLog = undoLog
        statistics = try attempting("taskstats") { () throws(Errno) in
            try TaskStatistics.tryOut()
            return try TaskStatistics()
        }
        let file = try KnobFile(Self.path)
        guard file.original != "1" else { return }
        entry = try undoLog.record(.writeBack(path: Self.path, value: file.original))
        do { try file.write("1") } catch {
            _ = stop()
            throw error
        }
    }

    /// Restores the sysctl; doing it twice does no harm.
    ///
    /// - Returns: what a user should know; nil when all went well.
    public func stop() -> String? {
        defer { entry = nil }
        return entry.flatMap { undoLog.undo($0).notice }
    }

    /// The stalls since each thread began; nil when somebody turned the accounting off.
    public func stalls(of processes: [Int32], callers: Set<String>) -> [Int32: ReclaimStalls]? {
        guard SystemTree.live.readInteger(Self.path) == 1 else { return nil }
        var result: [Int32: ReclaimStalls] = [:]
        for thread in threads(of: processes, in: .live) {
            do throws(Errno) {
                let found = try statistics.reclaim(of: thread)
                result[thread] = ReclaimStalls(
                    count: Int64(clamping: found.count),
                    microseconds: Int64(clamping: found.nanoseconds / 1000))
            } catch .noSuchProcess {
                continue
            } catch {
                return nil
            }
        }
        return result
    }

    /// Does nothing: each thread has its own count.
    public func prepare(callers: Set<String>) {}
}
