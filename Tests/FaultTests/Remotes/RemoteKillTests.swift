// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// What runs on the machine is killed, or its file is removed.
@Suite(
    .serialized,
    .disabled(if: RemoteToggle.missing != nil, "\(RemoteToggle.missing ?? "")"))
struct RemoteKillTests {
    private let toggle: RemoteToggle

    init() throws { toggle = try RemoteToggle(SSHServer()) }

    private var server: SSHServer { toggle.server }
    private var agent: String { "the agent on \(server.host):\(server.port)" }

    private func kill(_ ids: [Int32]) {
        #expect(!ids.isEmpty)
        for id in ids { try? ChildProcess(id: id).kill() }
    }

    private func removeDirectory() throws {
        for name in server.leavings {
            _ = try Command.run(["rm", "-rf", "\(server.directory)/run/\(name)"])
        }
    }

    /// Waits for the end of a run whose agent was killed and replaced.
    private func expectReplaced(keeping journal: String) throws {
        try toggle.expectWhole(keeping: journal)
        let printed = toggle.run.printed
        #expect(printed.contains("\(agent) is gone: it was killed by a signal there"), "\(printed)")
    }

    @Test func aKilledAgentIsReplacedAndTheMachineIsAsItWas() throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        kill(toggle.agents())
        try expectReplaced(keeping: journal)
        try before.expectNone()
    }

    @Test func aKilledHolderCostsNothing() throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        kill(toggle.agents(watching: true))
        try toggle.expectWhole(keeping: journal)
        try before.expectNone()
    }

    @Test func aKilledHolderAndAKilledAgentLeaveNothing() throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        kill(toggle.agents(watching: true))
        kill(toggle.agents())
        try expectReplaced(keeping: journal)
        #expect(toggle.run.printed.contains("restored: write '60' back"), "\(toggle.run.printed)")
        try before.expectNone()
    }

    @Test func aRemovedDirectoryIsMadeAnewWhenItIsNeeded() throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        try removeDirectory()
        try toggle.awaitSlices(2)
        let journal = toggle.run.journal
        kill(toggle.agents())
        try expectReplaced(keeping: journal)
        try before.expectNone()
    }

    @Test func theNextConnectionRemovesWhatIsLeftWhenEverythingThereIsKilled() throws {
        let before = Leftovers.now()
        try toggle.start()
        try toggle.awaitSlices(6)
        let journal = toggle.run.journal
        // The shell that would remove the directory first: it is the holder's parent.
        let shells = toggle.agents(watching: true).compactMap(Self.parent)
        kill(shells + server.agents + server.connections)
        try toggle.expectWhole(keeping: journal)
        try before.expectNone()
    }

    private static func parent(of id: Int32) -> Int32? {
        let status = (try? SystemFile.read("/proc/\(id)/status")) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("PPid:") }
        return line.flatMap { Int32($0.dropFirst(5).trimmingPrefix { $0.isWhitespace }) }
    }
}
