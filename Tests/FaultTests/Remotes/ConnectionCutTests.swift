// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// The process that serves the connection is killed, and the connection is reset.
@Suite(
    .serialized,
    .disabled(if: RemoteToggle.missingNetwork != nil, "\(RemoteToggle.missingNetwork ?? "")"))
struct ConnectionCutTests {
    private let network: NetworkNamespace
    private let toggle: RemoteToggle

    init() throws {
        network = try NetworkNamespace()
        toggle = try RemoteToggle(SSHServer(network: network))
    }

    private var server: SSHServer { toggle.server }

    @Test func aCutWhileConnectingIsSaidAndTheCommandCanBeRepeated() throws {
        let before = Leftovers.now()
        // The exchange of keys takes longer than the look for it.
        try network.slowDown()
        try toggle.start()
        try eventually("ssh connects") { !server.connections.isEmpty }
        server.cut()
        #expect(try toggle.run.wait() == 1)
        let printed = toggle.run.printed
        #expect(printed.contains("cannot connect to \(server.host):\(server.port): "), "\(printed)")
        #expect(!printed.contains("\r") && !printed.contains("\\u{d}"))
        #expect(toggle.run.journal.isEmpty)
        try toggle.expectClean()
        try before.expectNone()
    }

    @Test func aCutIsSurvivedWhileTheAgentIsCopiedAndStartedAndBeforeTheFirstSlice() throws {
        let before = Leftovers.now()
        try network.limit(rate: "40mbit")
        try toggle.start()
        try eventually("the agent is being copied: \(toggle.run.printed)") {
            server.leavings.contains { name in
                let path = "\(server.directory)/run/\(name)/plumbline-agent"
                return (try? Descriptor.open(path).facts().size).map { $0 > 1 << 20 } ?? false
            }
        }
        server.cut()
        try network.limit(rate: "10gbit")
        try eventually("an agent runs: \(toggle.run.printed)") { !toggle.agents().isEmpty }
        server.cut()
        try eventually("the journal begins: \(toggle.run.printed)") { !toggle.run.journal.isEmpty }
        server.cut()
        try toggle.expectWhole(keeping: "")
        let printed = toggle.run.printed
        let losses = printed.ranges(of: "the connection to \(server.host):\(server.port) is lost")
        #expect(losses.count == 3, "\(printed)")
        #expect(!printed.contains("it said nothing") && !printed.contains("does not work"))
        try before.expectNone()
    }

    @Test func cutsAtRandomMomentsLoseNoSliceThatIsInTheJournal() throws {
        let before = Leftovers.now()
        try toggle.start(blocks: 16)
        for _ in 0..<5 {
            try toggle.awaitSlices(3)
            // In a slice, between two, or in the release at the end of a visit.
            try Clock.sleep(nanoseconds: .random(in: 0...1_500_000_000))
            let journal = toggle.run.journal
            server.cut()
            try eventually("it connects again: \(toggle.run.printed)") {
                toggle.run.journal.count > journal.count && !server.connections.isEmpty
            }
            #expect(toggle.run.journal.hasPrefix(journal))
        }
        try toggle.expectWhole(keeping: toggle.run.journal)
        #expect(try toggle.stored.resumptions.count == 5, "\(toggle.run.printed)")
        #expect(!toggle.run.printed.contains("kex_exchange"), "\(toggle.run.printed)")
        try before.expectNone()
    }

    @Test func aCutAtTheEndLosesNothing() throws {
        let before = Leftovers.now()
        try toggle.start(blocks: 6)
        try eventually("it ends: \(toggle.run.printed)") {
            toggle.run.journal.contains("\"kind\":\"end\"")
        }
        server.cut()
        try toggle.expectWhole(keeping: toggle.run.journal)
        try before.expectNone()
    }
}
