// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import Machine

/// The processes that run one file, and serve a controller or work for such a one.
///
/// The file is in a directory that one controller made, so that the agents of others are not among
/// them.
struct OtherAgents {
    /// Those that run this process's own file.
    static let own = OtherAgents(running: file(of: "self"))
    /// What /proc shows behind the path of a file that was removed.
    private static let deleted = " (deleted)"

    private let path: String?

    /// Those that run a file, which may be removed since; none without a path.
    init(running path: String?) { self.path = path }

    /// Asks them to undo their changes and end; workers and hogs ignore it.
    func terminate() {
        for id in ids() { try? ChildProcess(id: id).kill(ChildProcess.terminateSignal) }
    }

    /// Asks them to end, and kills those that have not ended after so many seconds.
    func end(within seconds: Int) {
        terminate()
        let deadline = Clock.monotonicNanoseconds() + UInt64(seconds) * 1_000_000_000
        while !ids().isEmpty, Clock.monotonicNanoseconds() < deadline { pause() }
        for id in ids() { try? ChildProcess(id: id).kill() }
        for _ in 0..<100 where !ids().isEmpty { pause() }
    }

    /// Asks what watches over them to end.
    func endWatchers() {
        for id in ids(areWatchers: true) {
            try? ChildProcess(id: id).kill(ChildProcess.terminateSignal)
        }
    }

    private func pause() { try? Clock.sleep(nanoseconds: 10_000_000) }

    private func ids(areWatchers: Bool = false) -> [Int32] {
        guard let path else { return [] }
        return ((try? SystemFile.list("/proc")) ?? []).compactMap { name in
            guard let id = Int32(name), id != ChildProcess.currentID,
                Self.file(of: name) == path, Self.isWatcher(name) == areWatchers
            else { return nil }
            return id
        }
    }

    /// Whether a process only watches over agents, as this one does.
    private static func isWatcher(_ process: String) -> Bool {
        let words = (try? SystemFile.read("/proc/\(process)/cmdline"))?.split(separator: "\0") ?? []
        return words.dropFirst().first.map {
            [Holder.option, Restorer.option].contains(String($0))
        } ?? false
    }

    /// The path of a process's file; nil when it is gone or another user's.
    private static func file(of process: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/\(process)/exe", &buffer, buffer.count)
        guard length > 0 else { return nil }
        let path = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.hasSuffix(deleted) ? String(path.dropLast(deleted.count)) : path
    }
}
