// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// Packets vanish: neither end gets an error.
@Suite(
    .serialized,
    .disabled(if: RemoteToggle.missingNetwork != nil, "\(RemoteToggle.missingNetwork ?? "")"))
struct BlackHoleTests {
    private let network: NetworkNamespace
    private let toggle: RemoteToggle

    init() throws {
        network = try NetworkNamespace()
        toggle = try RemoteToggle(SSHServer(network: network))
    }

    private var machine: String { "\(toggle.server.host):\(toggle.server.port)" }

    @Test(arguments: NetworkNamespace.Way.allCases)
    func packetsThatVanishForAWhileCostTheSliceThatRan(way: NetworkNamespace.Way) throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        try network.lose(way)
        try eventually("ssh notices: \(toggle.run.printed)") {
            toggle.run.printed.contains("the connection to \(machine) is lost: ")
        }
        try Clock.sleep(nanoseconds: 5_000_000_000)
        try network.heal()
        // The knob is 60 at the end: the new agent did not take what the old one left for that.
        try toggle.expectWhole(keeping: journal)
        #expect(try toggle.stored.resumptions.count == 1)
        try before.expectNone()
    }

    @Test func aMachineThatNeverReturnsEndsTheRunAndCleansUpByItself() throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        try network.lose(.both)
        #expect(try toggle.run.wait() == 1)
        let printed = toggle.run.printed
        #expect(printed.contains("the connection to \(machine) is lost: "), "\(printed)")
        #expect(printed.contains("cannot connect to \(machine): "), "\(printed)")
        #expect(printed.contains("--resume goes on with j.jsonl"), "\(printed)")
        #expect(toggle.run.journal.hasPrefix(journal))
        #expect(try toggle.stored.ending?.state == .failed)
        // The machine is alone: its holder waits two minutes for a word.
        try toggle.expectClean()
        try network.heal()
        try toggle.expectResumed()
        try before.expectNone()
    }
}
