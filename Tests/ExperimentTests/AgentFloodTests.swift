// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import AgentClient

/// An agent that says more than anybody reads.
@Suite(.serialized)
struct AgentFloodTests {
    @Test func aBacklogIsFullByItsEventsOrByItsBytes() {
        let events = EventBacklog()
        for _ in 0..<EventBacklog.eventLimit { events.add(bytes: 1) }
        #expect(events.isFull)
        events.take()
        #expect(!events.isFull)
        let bytes = EventBacklog()
        bytes.add(bytes: EventBacklog.byteLimit)
        #expect(bytes.isFull)
        bytes.take()
        #expect(!bytes.isFull)
        bytes.add(bytes: EventBacklog.byteLimit)
        bytes.end()
        #expect(!bytes.isFull)
    }

    @Test func anAgentThatNobodyReadsWaits() async throws {
        let connection = AgentConnection(
            path: "/usr/bin/yes", arguments: [#"{"kind":"log","text":"x"}"#])
        for _ in 0..<6_000 where !connection.backlog.isFull {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(connection.backlog.isFull)
        // As many as were held, and as many again: it went on when it was read.
        var events = connection.events.makeAsyncIterator()
        var read = 0
        while read < 2 * EventBacklog.eventLimit, await events.next() != nil {
            connection.taken()
            read += 1
        }
        #expect(read == 2 * EventBacklog.eventLimit)
        connection.kill()
        while let event = await events.next() {
            connection.taken()
            if case .ended = event { break }
        }
    }
}
