// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

/// QEMU, its guardian and the controller, killed at random moments.
@Suite(.serialized, .disabled(if: GuestParts.missing != nil, "\(GuestParts.missing ?? "")"))
struct GuestKillTests {
    /// How often something is killed.
    private static let kills = 20

    /// Any code but that of a usage error and of an interruption.
    private static let codes: Set<Int32> = [0, 1, 3, 4, 5]

    @Test func guestsThatAreKilledLeaveNothingAndTheComparisonEndsWhole() throws {
        let before = Leftovers.now()
        var kills = 0
        while kills < Self.kills {
            let guest = try GuestRun(kills % 2 == 0 ? .toggle : .ab)
            while kills < Self.kills, !guest.isFinished {
                try guest.start()
                while kills < Self.kills, !guest.hasEnded {
                    try guest.awaitEmulators()
                    try Clock.sleep(nanoseconds: .random(in: 0...4_000_000_000))
                    if try killSome(of: guest) { kills += 1 }
                }
                let code = try guest.run.wait()
                #expect(Self.codes.contains(code), "\(code): \(guest.run.printed)")
            }
            if guest.isFinished { try guest.expectWhole() } else { try guest.finishWhole() }
            #expect(try guest.stored().failures.isEmpty, "\(guest.run.printed)")
            try before.expectNone()
        }
    }

    /// Kills QEMU, its guardian, or both.
    ///
    /// - Returns: whether there was something to kill.
    private func killSome(of guest: GuestRun) throws -> Bool {
        let guardian = guest.guardians.randomElement()
        let emulator = guest.emulators.randomElement()
        let victims = [[emulator], [guardian], [guardian, emulator]].randomElement() ?? []
        let there = victims.compactMap { $0 }
        for victim in there { try? victim.kill() }
        return !there.isEmpty
    }

    @Test func aControllerThatIsKilledLeavesNoGuestAndItsComparisonGoesOn() throws {
        let before = Leftovers.now()
        var kills = 0
        while kills < Self.kills {
            let guest = try GuestRun(kills % 2 == 0 ? .ab : .toggle)
            while kills < Self.kills, !guest.isFinished {
                try guest.start()
                try Clock.sleep(nanoseconds: .random(in: 0...6_000_000_000))
                guard let controller = guest.run.process, !guest.hasEnded else {
                    _ = try guest.run.wait()
                    continue
                }
                try controller.kill()
                kills += 1
                #expect(try guest.run.wait() == -1)
                try before.expectNone()
            }
            if guest.isFinished { try guest.expectWhole() } else { try guest.finishWhole() }
            #expect(try guest.stored().failures.isEmpty)
            try before.expectNone()
        }
    }
}
