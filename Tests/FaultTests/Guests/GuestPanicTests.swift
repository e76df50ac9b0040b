// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// Kernels that panic.
@Suite(.serialized, .disabled(if: GuestParts.missing != nil, "\(GuestParts.missing ?? "")"))
struct GuestPanicTests {
    @Test(arguments: ["--append", "--append-a", "--append-b"])
    func aPanicAtASliceVoidsTheRoundAndTheCellAndIsShown(option: String) throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.ab, [option, "plumbline.fault=panic"])
        #expect(try guest.finish() == 5)
        let printed = guest.run.printed
        #expect(printed.contains("panicked: "), "\(printed)")
        #expect(printed.contains("    | "), "\(printed)")
        #expect(printed.contains("sysrq triggered crash"), "\(printed)")
        let stored = try guest.stored()
        let lost = try guest.lostRounds()
        #expect(lost.count == 1)
        #expect(stored.failures.count == 1)
        #expect(stored.failures.first?.error.message.contains("panicked") == true)
        #expect(option != "--append-b" || lost.first?.arm == .b)
        try before.expectNone()
    }

    @Test func aKernelThatPanicsAtBootIsTriedInFourRoundsAndTheCommandSaysWhy() throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.ab, ["--append-b", "rdinit=/none"])
        #expect(try guest.finish() == 5)
        let printed = guest.run.printed
        #expect(printed.contains("does not boot: "), "\(printed)")
        #expect(printed.contains("Kernel panic"), "\(printed)")
        let stored = try guest.stored()
        #expect(stored.voidRounds.count == 4)
        #expect(try guest.lostRounds().allSatisfy { $0.arm == .b })
        #expect(stored.slices.isEmpty)
        #expect(stored.ending?.state == .failed)
        try before.expectNone()
    }

    @Test func aKernelThatPanicsAtItsFirstBootEndsAToggleBeforeItsJournal() throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.toggle, ["--append", "rdinit=/none"])
        #expect(try guest.finish() == 1)
        #expect(guest.run.printed.contains("does not boot: "), "\(guest.run.printed)")
        #expect(!SystemFile.exists(guest.journalPath))
        try before.expectNone()
    }
}
