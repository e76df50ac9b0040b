// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Synchronization
import Testing

@testable import AgentClient
@testable import Experiment

@Suite(.serialized)
struct AgentLinkTests {
    private final class Notes: Sendable {
        private let texts = Mutex<[String]>([])
        func add(_ text: String) { texts.withLock { $0.append(text) } }
        var all: [String] { texts.withLock { $0 } }
    }

    private func link(_ agent: FakeAgent, _ notes: Notes) -> AgentLink {
        var configuration = AgentConfiguration(executable: agent.path)
        configuration.tick = .milliseconds(20)
        configuration.silenceLimit = .milliseconds(600)
        configuration.shutdownTimeout = .milliseconds(500)
        configuration.stateDirectory = agent.path + ".state"
        return AgentLink(configuration) {
            false
        } note: {
            notes.add($0)
        }
    }

    private func greeting(_ link: inout AgentLink) async -> Bool {
        let awaited = await link.await { if case .hello = $0 { true } else { false } }
        if case .message = awaited { return true }
        return false
    }

    @Test func anAgentThatIdledForLongHasItsWholeFarewell() async throws {
        let agent = try FakeAgent()
        defer { agent.remove() }
        let notes = Notes()
        var link = link(agent, notes)
        #expect(await greeting(&link))
        try await Task.sleep(for: .seconds(1))
        await link.end(busy: false)
        #expect(link.isGone)
        #expect(notes.all.isEmpty)
    }

    @Test func ticksDoNotPileUpWhileNothingIsAwaited() async throws {
        let agent = try FakeAgent()
        defer { agent.remove() }
        let connection = AgentConnection(path: agent.path, tick: .milliseconds(5))
        try await Task.sleep(for: .milliseconds(300))
        connection.isTicking = true
        try await Task.sleep(for: .milliseconds(100))
        connection.isTicking = false
        try await Task.sleep(for: .milliseconds(300))
        try connection.send(.bye)
        var ticks = 0
        for await event in connection.events {
            if case .tick = event { ticks += 1 }
        }
        #expect((1...40).contains(ticks))
    }
}
