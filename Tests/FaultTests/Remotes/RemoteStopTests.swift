// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// A process of the connection is stopped for some time, and goes on.
@Suite(
    .serialized,
    .disabled(if: RemoteToggle.missing != nil, "\(RemoteToggle.missing ?? "")"))
struct RemoteStopTests {
    private let toggle: RemoteToggle

    init() throws { toggle = try RemoteToggle(SSHServer()) }

    private var server: SSHServer { toggle.server }
    private var lost: String { "the connection to \(server.host):\(server.port) is lost: " }

    private func stop(_ ids: [Int32]) throws {
        #expect(!ids.isEmpty)
        for id in ids { try ChildProcess(id: id).kill(ChildProcess.stopSignal) }
    }

    private func goOn(_ ids: [Int32]) {
        for id in ids { try? ChildProcess(id: id).kill(ChildProcess.continueSignal) }
    }

    @Test func aStoppedServerProcessIsReplacedAndItsAgentDoesNotSwitchTheKnobAnyMore() throws {
        let before = Leftovers.now()
        try toggle.start(blocks: 40)
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        let (old, agents) = (server.connections, toggle.agents())
        try stop(old)
        defer { goOn(old) }
        try eventually("ssh notices: \(toggle.run.printed)") { toggle.run.printed.contains(lost) }
        try toggle.awaitSlices(1)
        // The old agent has a connection yet, as far as it knows.
        #expect(agents.allSatisfy { ObservedProcess($0).hasEnded })
        try toggle.expectWhole(keeping: journal)
        goOn(old)
        try eventually("the connection ends") { server.connections.isEmpty }
        try before.expectNone()
    }

    @Test func aStoppedAgentIsNoticedAndTheMachineIsAsItWas() throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        let agents = toggle.agents()
        try stop(agents)
        defer { goOn(agents) }
        try toggle.expectWhole(keeping: journal)
        #expect(toggle.run.printed.contains("gave no sign of life for 10 s"))
        try before.expectNone()
    }

    @Test func anSSHThatIsStoppedForAMinuteIsReplaced() throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        let master = try #require(toggle.master)
        try stop([master])
        defer { goOn([master]) }
        try eventually("it notices: \(toggle.run.printed)") { toggle.run.printed.contains(lost) }
        #expect(toggle.run.printed.contains("\(lost)the machine does not answer"))
        try toggle.expectWhole(keeping: journal)
        try before.expectNone()
    }

    @Test func aControllerThatIsStoppedForAMinuteGoesOn() throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        let controller = try #require(toggle.run.process).id
        try stop([controller])
        defer { goOn([controller]) }
        try Clock.sleep(nanoseconds: 60_000_000_000)
        goOn([controller])
        try toggle.expectWhole(keeping: journal)
        try before.expectNone()
    }
}
