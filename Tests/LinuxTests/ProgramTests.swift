// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import Glibc
import Linux
import SystemPackage
import Testing

extension Kernel {
    /// How everything below a process is killed.
    @Suite struct ProgramTests {
        /// A process that waits for a signal, and survives the one that made it.
        private static func sleeper() throws(Errno) -> ChildProcess {
            let ready = try Pipe()
            let child = try ChildProcess.fork {
                _ = cshims_die_with_parent(0)
                try? ready.writer.writeAll("x")
                while true { pause() }
            }
            _ = try ready.reader.readBytes(1)
            return child
        }

        @Test("what is below a process is killed", arguments: [false, true])
        func everything(bySignal: Bool) throws {
            let held = try Pipe()
            let child = try ChildProcess.fork {
                guard (try? Program.adoptDescendants()) != nil, (try? Self.sleeper()) != nil
                else { return 1 }
                let between = try? ChildProcess.fork { (try? Self.sleeper()) == nil ? 1 : 0 }
                guard (try? between?.wait()) == .exited(0) else { return 2 }
                if bySignal { raise(Program.endSignal) }
                return (try? Program.killDescendants(group: nil)) == nil ? 3 : 0
            }
            #expect(try child.wait() == .exited(bySignal ? 255 : 0))
            let reader = held.takeReader()
            #expect(
                try reader.poll(.input, timeoutMilliseconds: 60_000) == .hangUp,
                "a sleeper holds the writer")
        }

        @Test(
            "the limit is one of time, and what is left when it is over is told",
            .enabled(if: Support.isAdministrator, Support.needsAdministrator))
        func timeLimit() throws {
            let limit: UInt64 = 100_000_000
            let empty = Support.freshPath("empty")
            try SystemFile.makeDirectory(empty)
            defer { try? SystemFile.removeDirectory(empty) }
            let child = try ChildProcess.fork {
                guard let left = try? Self.sleeper() else { return 1 }
                // Without /proc it finds no one to kill.
                guard chroot(empty) == 0 else { return 2 }
                let start = Clock.monotonicNanoseconds()
                do throws(Errno) {
                    try Program.killDescendants(group: nil, timeoutNanoseconds: limit)
                    return 3
                } catch {
                    guard error == .timedOut else { return 4 }
                }
                // It waited no shorter than it was told; a busy machine may make it longer.
                guard Clock.monotonicNanoseconds() - start > limit else { return 5 }
                guard (try? left.wait(noHang: true)) == .some(nil) else { return 6 }
                guard (try? left.kill()) != nil, (try? left.wait()) != nil else { return 7 }
                return 0
            }
            #expect(try child.wait() == .exited(0))
        }
    }
}
