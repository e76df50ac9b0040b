// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Testing

@testable import Machine

@Suite struct InitOnAllocTests {
    private func value(log: String?, commandLine: String = "") throws -> Int? {
        let scratch = try Scratch()
        if let log { try scratch.file("dev/kmsg", log) }
        try scratch.file("proc/cmdline", commandLine)
        return InitOnAlloc.value(in: SystemTree(root: scratch.path))
    }

    @Test func theLogOfTheBootSaysIt() throws {
        let line = "6,45,203;mem auto-init: stack:all(zero), heap alloc:STATE, heap free:off\n"
        #expect(try value(log: line.replacing("STATE", with: "on")) == 1)
        // What the kernel did counts, not what it was asked.
        #expect(
            try value(log: line.replacing("STATE", with: "off"), commandLine: "init_on_alloc=1")
                == 0)
    }

    @Test func withoutTheLineInTheLogTheCommandLineSaysItAndElseItIsUnknown() throws {
        for log in [nil, "6,1,2;Linux version 6.12\n"] {
            #expect(try value(log: log, commandLine: "quiet init_on_alloc=0\n") == 0)
            #expect(try value(log: log, commandLine: "init_on_alloc=0 init_on_alloc=on") == 1)
            #expect(try value(log: log, commandLine: "init_on_alloc=maybe") == nil)
            #expect(try value(log: log) == nil)
        }
    }

    @Test(.enabled(if: ThisMachine.isRoot, "needs root to read the kernel's log"))
    func thisMachinesLogIsReadToItsEndWithoutWaiting() {
        let value = InitOnAlloc.value()
        #expect(value == nil || value == 0 || value == 1)
    }
}
