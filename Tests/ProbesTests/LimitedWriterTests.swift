// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Machine
import SystemPackage
import Testing

@testable import Probes

@Suite("A writer in a memory cgroup", .serialized) struct LimitedWriterTests {
    private static var canLimit: Bool {
        ChildProcess.userID == 0 && Cgroup.version == 2
            && (try? SystemFile.readInteger("/proc/sys/vm/panic_on_oom")) == 0
    }

    @Test(
        "it writes the pages that there is room for, is not killed, and leaves no group",
        .enabled(if: Self.canLimit, "needs root and cgroup v2"),
        arguments: [0, 4, 12])
    func room(pages: Int) throws {
        let scratch = try Scratch()
        let undoLog = try UndoLog(directory: scratch.path)
        let host = ProbeHost(
            undoLog: undoLog, seed: 1, isAlone: false, storage: { _ in nil }, check: {})
        let outcome = try LimitedWriter.write(room: pages, host, nil)
        let wanted =
            pages == 0 ? -Int(Errno.noMemory.rawValue) : pages * MappedMemory.pageSize
        #expect(outcome.answer == wanted)
        #expect(outcome.exit == .exited(0), "\(LimitedWriter.complaint(of: outcome.exit))")
        #expect(outcome.events["oom_kill"] ?? 0 == 0)
        // The kernel counted that the limit was met.
        #expect(outcome.events["events_oom"] ?? 0 > 0)
        #expect(outcome.notices.isEmpty && undoLog.pending.isEmpty)
    }
}
