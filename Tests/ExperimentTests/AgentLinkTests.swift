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

    private func link(
        _ agent: FakeAgent, shutdownTimeout: Duration, _ notes: Notes
    ) -> AgentLink {
        var configuration = agent.configuration
        configuration.shutdownTimeout = shutdownTimeout
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

    @Test func anAgentThatIdledForLongHasItsWholeShutdownTimeout() async throws {
        let agent = try FakeAgent()
        defer { agent.remove() }
        let notes = Notes()
        var link = link(agent, shutdownTimeout: .seconds(3), notes)
        #expect(await greeting(&link))
        try await Task.sleep(for: .seconds(4))
        await link.end(busy: false)
        #expect(link.isGone)
        #expect(notes.all.isEmpty)
    }

    @Test(arguments: [false, true])
    func anAgentLeadsASessionWhereThatIsWanted(isWanted: Bool) async throws {
        // The sixth word of its stat file is its session.
        let agent = try FakeAgent(
            greeting: """
                read -r _ _ _ _ group session _ </proc/$$/stat
                echo '{"kind":"log","text":"'$(( group == $$ )) $(( session == $$ ))'"}'
                """ + "\n" + FakeAgent.greeting(of: FakeAgent.hello))
        defer { agent.remove() }
        var configuration = agent.configuration
        configuration.hasOwnSession = isWanted
        let notes = Notes()
        var link = AgentLink(configuration) {
            false
        } note: {
            notes.add($0)
        }
        #expect(await greeting(&link))
        await link.end(busy: false)
        #expect(notes.all == ["1 \(isWanted ? 1 : 0)"])
    }

    @Test func ticksDoNotPileUpWhileNothingIsAwaited() async throws {
        let agent = try FakeAgent()
        defer { agent.remove() }
        let connection = AgentConnection(path: agent.path, tick: .milliseconds(5))
        try await Task.sleep(for: .milliseconds(100))
        let begun = ContinuousClock.now
        connection.isTicking = true
        var events = connection.events.makeAsyncIterator()
        var first: ContinuousClock.Instant?
        while first == nil, let event = await events.next() {
            if case .tick(let moment) = event { first = moment }
        }
        #expect(try #require(first) >= begun)
        connection.isTicking = false
        let ended = ContinuousClock.now
        try await Task.sleep(for: .milliseconds(100))
        try connection.send(.bye)
        var late = 0
        while let event = await events.next() {
            if case .tick(let moment) = event, moment > ended { late += 1 }
        }
        // One may have been under way.
        #expect(late <= 1)
    }
}
