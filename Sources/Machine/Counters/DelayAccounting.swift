// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Direct reclaim by thread from the kernel's delay accounting. It costs two readings of the clock
/// at each reclaim and at each sleep on I/O, so it is on under pressure only.
///
/// What it counts are the kernel's attempts (`do_try_to_free_pages()` of mm/vmscan.c): one that
/// frees too little and is repeated counts twice.
public final class DelayAccounting {
    /// The sysctl that has the kernel account the delays of threads started from then on.
    package static let path = "/proc/sys/kernel/task_delayacct"

    private let statistics: TaskStatistics
    private let stacks = ReclaimStacks()
    private let undoLog: UndoLog
    private var entry: Int?
    /// The last read of the stacks, which takes long, and the stalls at that time.
    private var lastRequests: (stalls: [Int32: ReclaimStalls], count: [Int32: Int64]?)?

    /// Turns it on for the rest of a guest's boot, with the histograms of stacks, as far as the kernel
    /// has them. Before any load, because it patches code.
    public static func start() {
        try? SystemFile.write("1", to: path)
        try? ReclaimStacks.start()
    }

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
        try turnOn()
    }

    /// Turns it on again for threads to come, if it is off: another plumbline that ends turns it off.
    ///
    /// - Throws: `failure` when the undo log or the sysctl cannot be written.
    public func turnOn() throws(PlumblineError) {
        let file = try KnobFile(Self.path)
        guard file.original != "1" else { return }
        if entry == nil {
            entry = try undoLog.record(.writeBack(path: Self.path, value: file.original))
        }
        do { try file.write("1") } catch {
            _ = stop()
            throw error
        }
    }

    /// The changes that `init` would make.
    public static func plannedChanges(in tree: SystemTree = .live) -> [PlannedChange] {
        tree.readInteger(path) == 0
            ? [PlannedChange("write '1' to \(path)", undo: .writeBack)] : []
    }

    /// Restores the sysctl; doing it twice does no harm.
    ///
    /// - Returns: what a user should know; nil when all went well.
    public func stop() -> String? {
        defer { entry = nil }
        return entry.flatMap { undoLog.undo($0).notice }
    }

    /// The stalls since each thread of these processes began, with those threads that the kernel
    /// started for them; nil when somebody turned the accounting off.
    ///
    /// - Parameter callers: functions of the kernel that allocate a request's structure.
    public func stalls(of processes: [Int32], callers: Set<String>) -> [Int32: ReclaimStalls]? {
        guard SystemTree.live.readInteger(Self.path) == 1 else { return nil }
        var result: [Int32: ReclaimStalls] = [:]
        for thread in Self.threads(of: processes) {
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
        guard !callers.isEmpty, let stacks else { return result }
        if lastRequests?.stalls != result {
            lastRequests = (result, stacks.requests(from: callers))
        }
        guard let requests = lastRequests?.count else { return result }
        for thread in result.keys { result[thread]?.requests = requests[thread] ?? 0 }
        return result
    }

    /// Forgets the stacks so far, and keeps further ones only where they are asked for: a stack
    /// costs more than all else here.
    ///
    /// - Parameter callers: as in `stalls`.
    public func prepare(callers: Set<String>) {
        lastRequests = nil
        stacks?.prepare(isOn: !callers.isEmpty)
    }

    private static func threads(of processes: [Int32]) -> Set<Int32> {
        Set(processes.flatMap { SystemTree.live.list("/proc/\($0)/task") }.compactMap { Int32($0) })
    }
}
