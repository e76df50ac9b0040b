// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Makes a system call that can take minutes in a child process, so that this process can send
/// heartbeats; waits for its end, which no signal cuts short.
///
/// - Parameters:
///   - pulse: called at least once, and every 50 ms.
///   - call: runs in a child, or in this process when fork(2) fails.
/// - Throws: the call's error; `interrupted` when the child was killed.
func callInChild(pulse: () -> Void, _ call: () throws(Errno) -> Void) throws(Errno) {
    let forked = try? ChildProcess.fork {
        do throws(Errno) {
            try call()
            return 0
        } catch {
            return error.rawValue
        }
    }
    guard let child = forked else { return try call() }
    var pause: UInt64 = 100_000
    while true {
        pulse()
        switch try child.poll() {
        case .exited(0): return
        case .exited(let code): throw Errno(rawValue: code)
        case .signalled: throw .interrupted
        case nil: break
        }
        try? Clock.sleep(nanoseconds: pause)
        pause = min(pause * 2, 50_000_000)
    }
}

extension ChildProcess {
    /// How the child ended; nil while it runs, or when a signal ended the question.
    fileprivate func poll() throws(Errno) -> Exit? {
        do {
            return try wait(noHang: true)
        } catch .interrupted {
            return nil
        }
    }
}
