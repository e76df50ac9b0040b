// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// Processes of a probe: those that are left at its end are killed.
struct ProbeChildren: ~Copyable {
    /// How long they may take until the kernel counts as hung, nanoseconds. What they do takes less
    /// than a second on an emulated CPU.
    static let limit: UInt64 = 15_000_000_000

    private var running: [ChildProcess] = []

    /// None yet.
    init() {}

    deinit {
        for child in running {
            try? child.kill()
            _ = try? child.wait()
        }
    }

    /// Starts one more; its result is its exit status.
    ///
    /// - Throws: `failure` past the limit of processes, which skips the probe.
    mutating func start(_ host: ProbeHost, _ body: () -> Int32) throws(PlumblineError) {
        running.append(
            try host.setUp("cannot fork") { () throws(Errno) in try ChildProcess.fork(body) })
    }

    /// Sends a signal to each.
    borrowing func signal(_ number: Int32) {
        for child in running { try? child.kill(number) }
    }

    /// Waits until each sleeps: for children that sleep in one system call alone.
    ///
    /// - Returns: false when one does not in time.
    /// - Throws: `interrupted`.
    borrowing func allSleep(_ host: ProbeHost) throws(PlumblineError) -> Bool {
        let end = Clock.monotonicNanoseconds() + Self.limit
        var calm = 0
        while Clock.monotonicNanoseconds() < end {
            try host.check()
            calm = running.allSatisfy(Self.isAsleep) ? calm + 1 : 0
            if calm == 5 { return true }
            try? Clock.sleep(nanoseconds: 10_000_000)
        }
        return false
    }

    /// The state after the name in brackets, which may hold anything.
    private static func isAsleep(_ child: ChildProcess) -> Bool {
        guard let text = try? SystemFile.read("/proc/\(child.id)/stat"),
            let bracket = text.lastIndex(of: ")")
        else { return false }
        return text[text.index(after: bracket)...].trimmed.first == "S"
    }

    /// Waits until all have ended.
    ///
    /// - Parameter limit: how long they may take, nanoseconds.
    /// - Returns: how they ended, in the order of their starts; nil when one hangs.
    /// - Throws: `interrupted`.
    mutating func allEnd(
        _ host: ProbeHost, limit: UInt64 = Self.limit
    ) throws(PlumblineError) -> [ChildProcess.Exit]? {
        let end = Clock.monotonicNanoseconds() + limit
        var exits: [ChildProcess.Exit] = []
        while let child = running.first {
            try host.check()
            if let exit = (try? child.wait(noHang: true)) ?? nil {
                exits.append(exit)
                running.removeFirst()
            } else if Clock.monotonicNanoseconds() > end {
                return nil
            } else {
                try? Clock.sleep(nanoseconds: 2_000_000)
            }
        }
        return exits
    }
}
