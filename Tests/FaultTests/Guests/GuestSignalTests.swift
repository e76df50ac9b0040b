// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// Signals that ask the controller to end.
@Suite(.serialized, .disabled(if: GuestParts.missing != nil, "\(GuestParts.missing ?? "")"))
struct GuestSignalTests {
    private static let hangUpSignal: Int32 = 1

    @Test(arguments: [
        ChildProcess.interruptSignal, ChildProcess.terminateSignal, hangUpSignal,
    ])
    func eachSignalEndsTheCommandInEachPhaseAndKeepsTheResults(signal: Int32) throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.ab)
        var blocks = 0
        // At boot, in the slices after it, and at any moment.
        for phase in 0..<3 {
            try guest.start()
            let rounds = guest.run.journal.ranges(of: "\"kind\":\"round\"").count
            switch phase {
            case 0: try guest.awaitEmulators()
            case 1: try guest.awaitLines("round", count: rounds + 1)
            default:
                try guest.awaitEmulators()
                try Clock.sleep(nanoseconds: .random(in: 0...8_000_000_000))
            }
            try guest.run.process?.kill(signal)
            #expect(try guest.run.wait() == 130, "\(guest.run.printed)")
            #expect(guest.run.printed.contains("interrupted"))
            try before.expectNone()
            if !guest.run.journal.isEmpty {
                let kept = try guest.stored()
                #expect(kept.ending?.state == .interrupted)
                #expect(kept.slices.count >= blocks)
                blocks = kept.slices.count
            }
        }
        // One is enough: what they leave is the same.
        guard signal == ChildProcess.terminateSignal else { return }
        try guest.finishWhole()
    }
}
