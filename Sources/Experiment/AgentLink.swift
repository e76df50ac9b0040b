// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Journal

/// A controller's end of one agent: waits for what it awaits, and notices silence and signals.
///
/// Silence is counted in ticks and not by a clock, so that a controller that was stopped for a
/// while (Ctrl-Z) does not take its agent for hung.
struct AgentLink {
    /// What came of waiting.
    enum Awaited: Sendable {
        /// The message.
        case message(AgentMessage)
        /// The agent is gone or hung, why.
        case lost(String)
        /// A signal ended the wait.
        case interrupted
    }

    private let connection: AgentConnection
    private let settings: RunController.Configuration
    private let isInterrupted: @Sendable () -> Bool
    private let note: @Sendable (String) -> Void
    private var iterator: AsyncStream<AgentEvent>.Iterator
    private(set) var isGone = false
    private var process: Int32?

    /// Starts an agent.
    init(
        _ settings: RunController.Configuration, isInterrupted: @escaping @Sendable () -> Bool,
        note: @escaping @Sendable (String) -> Void
    ) {
        connection = AgentConnection(
            path: settings.agent, arguments: settings.agentArguments, tick: settings.tick)
        self.settings = settings
        self.isInterrupted = isInterrupted
        self.note = note
        iterator = connection.events.makeAsyncIterator()
    }

    /// Sends a message.
    func send(_ message: ControllerMessage) throws(PlumblineError) {
        try connection.send(message)
    }

    /// Waits for a message that the closure takes; others are passed over.
    ///
    /// An agent that is silent for too long is killed.
    mutating func await(_ wanted: (AgentMessage) -> Bool) async -> Awaited {
        var silence = Duration.zero
        while let event = await iterator.next() {
            switch event {
            case .started(let process): self.process = process
            case .message(let message):
                silence = .zero
                if wanted(message) { return .message(message) }
                if case .log(let text) = message { note(text) }
            case .garbage(let error): note(error.message)
            case .diagnostic(let line): note(line)
            case .ended(let how):
                isGone = true
                return .lost("the agent is gone: \(how)")
            case .tick:
                if isInterrupted() { return .interrupted }
                silence += settings.tick
                if silence > settings.silence {
                    connection.kill()
                    await drain(.seconds(5))
                    return .lost(
                        "the agent gave no sign of life for \(settings.silence.components.seconds) "
                            + "s and was killed")
                }
            }
        }
        isGone = true
        return .lost("the agent is gone")
    }

    /// Has the agent put everything back and end, by `bye` or, when it is busy, by SIGTERM.
    ///
    /// - Returns: the result of an order that it still finished.
    @discardableResult
    mutating func end(busy: Bool) async -> SliceRecord? {
        guard !isGone else { return nil }
        if busy { connection.terminate() } else { try? connection.send(.bye) }
        connection.endInput()
        let last = await drain(settings.farewell)
        if !isGone {
            note("the agent did not end in time and was killed; see `plumbline doctor --restore`")
            connection.kill()
            await drain(.seconds(5))
            restoreLeavings()
        }
        return last
    }

    /// Puts back what the agent left changed, when it is gone and did not do so itself.
    func restoreLeavings() {
        guard isGone, let process else { return }
        AbandonedLedgers.restore(after: process, in: settings.stateDirectory).forEach(note)
    }

    @discardableResult
    private mutating func drain(_ limit: Duration) async -> SliceRecord? {
        var waited = Duration.zero
        var last: SliceRecord?
        while waited < limit, let event = await iterator.next() {
            switch event {
            case .message(.result(_, let slice)): last = slice
            case .message(.log(let text)): note(text)
            case .diagnostic(let line): note(line)
            case .tick: waited += settings.tick
            case .ended:
                isGone = true
                return last
            case .started(let process): self.process = process
            case .message, .garbage: break
            }
        }
        return last
    }
}
