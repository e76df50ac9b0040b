// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// Guests that run out of memory, and two comparisons that share the machine.
@Suite(.serialized, .disabled(if: GuestParts.missing != nil, "\(GuestParts.missing ?? "")"))
struct GuestMemoryTests {
    @Test func aGuestThatRunsOutOfMemoryIsLostAndItsConsoleIsShown() throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.ab, ["--append-b", "plumbline.fault=oom"])
        #expect(try guest.finish() == 5)
        let printed = guest.run.printed
        #expect(printed.contains("ran out of memory: "), "\(printed)")
        #expect(printed.contains("Out of memory: Killed process"), "\(printed)")
        #expect(try guest.lostRounds().map(\.arm) == [.b])
        try before.expectNone()
    }

    @Test func hogsThatDoNotFitIntoTheGuestAreRefusedWithTheSettingToLower() throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.toggle)
        try Descriptor.open("\(guest.run.directory)/short.yaml", [.write, .truncate]).writeAll(
            """
            suite: short
            slices: 4
            cells:
              - workload: pipe
                pressure: {kind: anon, vm_bytes: 300, swap: 10%}

            """)
        #expect(try guest.finish() == 5, "\(guest.run.printed)")
        #expect(guest.run.printed.contains("lower vm_bytes"), "\(guest.run.printed)")
        try before.expectNone()
    }

    @Test func twoComparisonsAtOnceBothEndRight() throws {
        let before = Leftovers.now()
        let guests = [try GuestRun(.ab), try GuestRun(.ab)]
        for guest in guests { try guest.start() }
        for guest in guests {
            #expect([0, 3, 4].contains(try guest.run.wait()), "\(guest.run.printed)")
            try guest.expectWhole()
        }
        try before.expectNone()
    }
}
