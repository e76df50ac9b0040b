// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The limit on this process's open files (`RLIMIT_NOFILE`), which pipes, files and rings run into.
enum OpenFileLimit {
    /// Descriptors beside those that are asked for, which come and go.
    private static let spare = 8

    /// Raises the soft limit where descriptors beside those that are open would not fit.
    ///
    /// - Parameters:
    ///   - count: the descriptors that will be opened.
    ///   - asker: who needs them, for the error: `pipe: pipes=100`.
    ///   - remedy: what to do other than raise the limit.
    /// - Throws: `failure` when even the hard limit is too low.
    static func makeRoom(
        for count: Int, _ asker: String, or remedy: String
    ) throws(PlumblineError) {
        let open = (try? SystemFile.list("/proc/self/fd").count) ?? 16
        let needs = open + spare + count
        guard var limit = try? ResourceLimit.openFiles.current() else { return }
        if let soft = limit.soft, soft < needs {
            try? ResourceLimit.openFiles.raiseToHard()
            limit = (try? ResourceLimit.openFiles.current()) ?? limit
        }
        if let soft = limit.soft, soft < needs {
            throw .failure(
                "\(asker) needs \(needs) open files, the limit is \(soft) (RLIMIT_NOFILE)",
                remedy: "run `ulimit -n \(needs)` as root beforehand, or \(remedy)")
        }
    }
}
