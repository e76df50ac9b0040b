// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import LabSupport
import Linux
import Protocol
import Testing

/// Guests that are stopped and continued, while their clocks run on.
@Suite(.serialized, .disabled(if: GuestParts.missing != nil, "\(GuestParts.missing ?? "")"))
struct GuestStopTests {
    /// Stops all guests of a comparison for some seconds.
    private func stop(_ guest: GuestRun, seconds: UInt64) throws {
        let stopped = guest.emulators
        for emulator in stopped { try? emulator.kill(ChildProcess.stopSignal) }
        try Clock.sleep(nanoseconds: seconds * 1_000_000_000)
        for emulator in stopped { try? emulator.kill(ChildProcess.continueSignal) }
    }

    @Test(arguments: [GuestRun.Kind.toggle, .ab])
    func aSliceThatSpansAStopIsVoidAndTheOthersCount(kind: GuestRun.Kind) throws {
        let before = Leftovers.now()
        let guest = try GuestRun(kind, slice: "0.3s", blocks: 3 * GuestRun.rounds)
        try guest.start()
        // No more, for too many void blocks end a cell.
        for round in 1...3 {
            try guest.awaitLines("round", count: round)
            // The journal gets a block at once. Others follow the first one of a round: the stop
            // meets a slice of the next one.
            let measured = guest.run.journal.components(of: "\"kind\":\"slice\"")
            try guest.awaitLines("slice", count: measured + 1)
            try Clock.sleep(nanoseconds: .random(in: 100_000_000...250_000_000))
            try stop(guest, seconds: 3)
        }
        #expect([0, 3, 4].contains(try guest.run.wait()), "\(guest.run.printed)")
        let stored = try guest.stored()
        let void = stored.slices.filter { !$0.isValid }
        #expect(!void.isEmpty)
        #expect(void.allSatisfy { $0.reasons.keys.contains("paused") }, "\(void)")
        // A slice that spans a stop lasts longer than the stop by the guest's clock.
        #expect(stored.slices.allSatisfy { !$0.isValid || $0.interval < 3_000_000_000 })
        #expect(try guest.lostRounds().isEmpty, "\(stored.voidRounds)")
        try guest.expectWhole()
        try before.expectNone()
    }

    @Test func aGuestThatIsStoppedForLongIsHung() throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.toggle, slice: "0.5s")
        try guest.start()
        try guest.awaitLines("round", count: 2)
        try Clock.sleep(nanoseconds: 800_000_000)
        for emulator in guest.emulators { try emulator.kill(ChildProcess.stopSignal) }
        #expect(try guest.run.wait() == 5, "\(guest.run.printed)")
        let words = "gave no sign of life for 10 s and was killed"
        #expect(guest.run.printed.contains(words), "\(guest.run.printed)")
        let stored = try guest.stored()
        #expect(try guest.lostRounds().first?.error.message.contains(words) == true)
        // What was measured before is there.
        #expect(stored.slices.count >= 4)
        try before.expectNone()
    }

    @Test func aGuestThatIsStoppedWhileItBootsIsBootedAgain() throws {
        let before = Leftovers.now()
        let guest = try GuestRun(.ab)
        try guest.start()
        try guest.awaitEmulators()
        for emulator in guest.emulators { try emulator.kill(ChildProcess.stopSignal) }
        #expect([0, 3, 4].contains(try guest.run.wait()), "\(guest.run.printed)")
        let lost = try guest.lostRounds()
        #expect(lost.count == 1)
        #expect(try guest.stored().failures.isEmpty)
        #expect(lost.first?.error.message.contains("before its agent started") == true)
        try guest.expectWhole()
        try before.expectNone()
    }

    @Test func aGuestWhoseClockRunsAtAWrongRateDoesNotCount() throws {
        let before = Leftovers.now()
        let rate = try #require(FastClock.timestampKilohertz())
        let guest = try GuestRun(
            .ab, slice: "0.2s", blocks: 25, ["--append-b", "tsc_early_khz=\(rate * 104 / 100)"])
        #expect(try guest.finish() == 5)
        #expect(guest.run.printed.contains("its clock "), "\(guest.run.printed)")
        let stored = try guest.stored()
        // The kernel may notice it too, at boot.
        #expect(stored.voidRounds.allSatisfy { $0.error.message.contains("clock ") })
        #expect(stored.voidRounds.count == 4)
        #expect(stored.ending?.state == .failed)
        try before.expectNone()
    }
}
