// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// System calls that can take minutes, made by a child, so that this process can give signs of life.
enum PatientCall {
    /// Makes a call and waits for its end, which no signal cuts short.
    ///
    /// - Parameters:
    ///   - pulse: called at least once, and every 50 ms.
    ///   - call: runs in a child, or here when none can be had.
    /// - Throws: what the call throws; `interrupted` when the child was killed.
    static func run(
        pulse: () -> Void, _ call: () throws(Errno) -> Void
    ) throws(Errno) {
        guard let child = start(call) else { return try call() }
        var pause: UInt64 = 100_000
        while true {
            pulse()
            if let exit = try end(of: child) {
                switch exit {
                case .exited(0): return
                case .exited(let code): throw Errno(rawValue: code)
                case .signalled: throw .interrupted
                }
            }
            try? Clock.sleep(nanoseconds: pause)
            pause = min(pause * 2, 50_000_000)
        }
    }

    private static func start(_ call: () throws(Errno) -> Void) -> ChildProcess? {
        try? ChildProcess.fork {
            do throws(Errno) {
                try call()
                return 0
            } catch {
                return error.rawValue
            }
        }
    }

    private static func end(of child: ChildProcess) throws(Errno) -> ChildProcess.Exit? {
        do {
            return try child.wait(noHang: true)
        } catch .interrupted {
            return nil
        }
    }
}
