// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// A process by its id and start time, which no later process of the same id shares.
public struct ProcessIdentity: Codable, Sendable, Hashable {
    /// The process id.
    public let id: Int32
    /// Its start in clock ticks since boot: field 22 of `/proc/<pid>/stat`.
    public let startTime: UInt64

    /// A process that may have ended.
    public init(id: Int32, startTime: UInt64) {
        self.id = id
        self.startTime = startTime
    }

    /// This process.
    public static var current: ProcessIdentity? { ProcessIdentity(running: ChildProcess.currentID) }

    /// A process that runs now; nil when there is none, or a zombie.
    public init?(running id: Int32) {
        guard let text = SystemTree.live.read("/proc/\(id)/stat"),
            let (state, start) = Self.parse(stat: text), state != "Z", state != "X"
        else { return nil }
        self.init(id: id, startTime: start)
    }

    /// Whether this process still runs.
    public var isRunning: Bool { ProcessIdentity(running: id) == self }

    /// Kills the process, and with it the group that it leads, if it leads one.
    ///
    /// - Throws: `noSuchProcess` when it is gone.
    func kill() throws(Errno) {
        let child = ChildProcess(id: id)
        // Field 5 of /proc/<pid>/stat is the group: the third one after the name.
        let stat = SystemTree.live.read("/proc/\(id)/stat") ?? ""
        let fields = stat.lastIndex(of: ")").map { stat[stat.index(after: $0)...].words } ?? []
        let leads = fields.count > 2 && fields[2] == "\(id)"
        if leads { try child.killGroup() } else { try child.kill() }
    }

    /// The state and start time in a `/proc/<pid>/stat`; the name may hold blanks and brackets.
    static func parse(stat: String) -> (state: String, startTime: UInt64)? {
        guard let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: close)...].words
        guard fields.count > 19, let start = UInt64(fields[19]) else { return nil }
        return (fields[0], start)
    }
}
