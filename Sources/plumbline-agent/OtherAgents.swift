// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import Machine

/// The processes that run this process's own file, and serve a controller or work for such a one.
///
/// The file is in a directory that one controller made, so that the agents of others are not among
/// them.
enum OtherAgents {
    private static let own = file(of: "self")

    /// Asks them to undo their changes and end; workers and hogs ignore it.
    static func terminate() {
        for id in ids { try? ChildProcess(id: id).kill(ChildProcess.terminateSignal) }
    }

    /// Asks them to end, and kills those that have not ended after so many seconds.
    static func end(within seconds: Int) {
        terminate()
        let deadline = Clock.monotonicNanoseconds() + UInt64(seconds) * 1_000_000_000
        while !ids.isEmpty, Clock.monotonicNanoseconds() < deadline { pause() }
        for id in ids { try? ChildProcess(id: id).kill() }
        for _ in 0..<100 {
            if ids.isEmpty { return }
            pause()
        }
    }

    private static func pause() { try? Clock.sleep(nanoseconds: 10_000_000) }

    private static var ids: [Int32] {
        guard let own else { return [] }
        return ((try? SystemFile.list("/proc")) ?? []).compactMap { name in
            guard let id = Int32(name), id != ChildProcess.currentID, file(of: name) == own,
                !isWatcher(name)
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
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
