// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine
import Protocol
import Synchronization

/// A controller's end of one agent: waits for messages and notices silence and signals.
///
/// Silence is counted in ticks and not by a clock, so that an agent does not seem hung after the
/// controller was stopped (Ctrl-Z). It counts only while a message is awaited: an agent that idles
/// while the other arm is measured sends nothing.
struct AgentLink {
    /// How a wait ended.
    enum Awaited: Sendable {
        /// The message.
        case message(AgentMessage)
        /// The agent is gone or hung, or its machine is broken.
        case lost(PlumblineError)
        /// A signal ended the wait.
        case interrupted
    }

    private let connection: AgentConnection
    private let settings: AgentConfiguration
    private let isInterrupted: @Sendable () -> Bool
    private let note: @Sendable (String) -> Void
    private var iterator: AsyncStream<AgentEvent>.Iterator
    private(set) var isGone = false
    private var process: Int32?
    private var watch: (any MachineWatch)?
    private var hasGreeted = false
    /// How it ended where it did not say that it had undone its changes.
    private var death: String?

    /// Whether the machine had a fault before its greeting that another start may cure.
    var isWorthAnotherStart: Bool { !hasGreeted && blamesMachine }

    /// Whether the fault is the machine's and not the cell's.
    var blamesMachine: Bool { watch?.blamesMachine == true }

    /// How long the lines that follow a finding are gathered.
    private static let drainTime = Duration.seconds(1)

    private var isLossReported = false

    /// The machine's fault with its last lines; nil while its watch finds nothing, and after a loss
    /// that contained it.
    var complaint: PlumblineError? {
        guard !isLossReported else { return nil }
        return watch.flatMap { watch in
            watch.finding.map { watch.loss($0, greeted: hasGreeted) }
        }
    }

    /// Starts an agent.
    init(
        _ settings: AgentConfiguration, isInterrupted: @escaping @Sendable () -> Bool,
        note: @escaping @Sendable (String) -> Void
    ) {
        connection = AgentConnection(
            path: settings.executable, arguments: settings.arguments,
            hasOwnSession: settings.hasOwnSession, tick: settings.tick,
            isSSH: settings.route != nil)
        self.settings = settings
        self.isInterrupted = isInterrupted
        self.note = VerboseLog.isOn ? note : Self.limited(note)
        watch = settings.watch?()
        iterator = connection.events.makeAsyncIterator()
    }

    /// Messages that one agent may have for the user, unless the user asks for all that it does.
    private static let noteLimit = 1_000

    /// Passes the first messages on, and says once that there are more.
    private static func limited(
        _ note: @escaping @Sendable (String) -> Void
    ) -> @Sendable (String) -> Void {
        final class Count: Sendable {
            let notes = Atomic(0)
        }
        let count = Count()
        return { text in
            let number = count.notes.add(1, ordering: .relaxed).newValue
            if number <= noteLimit {
                note(text)
            } else if number == noteLimit + 1 {
                note("it has more than \(noteLimit) messages; the others are not shown")
            }
        }
    }

    /// Sends a message.
    func send(_ message: ControllerMessage) throws(PlumblineError) {
        try connection.send(message)
    }

    /// Waits for a message that the closure accepts, and skips others.
    ///
    /// An agent that is silent for too long is killed.
    mutating func await(_ wanted: (AgentMessage) -> Bool) async -> Awaited {
        let start = startTicking()
        defer { connection.isTicking = false }
        var (waited, silence) = (Duration.zero, Duration.zero)
        var drained = Duration.zero
        while let event = await iterator.next() {
            connection.taken()
            switch event {
            case .started(let process): self.process = process
            case .message(let message):
                silence = .zero
                if case .hello = message { hasGreeted = true }
                if case .log(let text) = message { note(text) }
                // What a broken machine measured is not wanted.
                if wanted(message), watch?.finding == nil { return .message(message) }
            case .garbage(let error): note(error.message)
            case .diagnostic(let line):
                if !hasGreeted, watch != nil { silence = .zero }
                consume(line)
            case .ended(let how):
                isGone = true
                watch?.takeEnd(how)
                return .lost(loss(watch?.finding ?? "\(subject) is gone: \(how)"))
            case .tick(let moment):
                if isInterrupted() { return .interrupted }
                guard moment >= start else { continue }
                waited += settings.tick
                silence += settings.tick
                if let finding = watch?.finding {
                    drained += settings.tick
                    if drained >= Self.drainTime { return await give(up: finding) }
                }
                if let why = timeoutReason(silence: silence, waited: waited) {
                    return await give(up: watch?.finding ?? why)
                }
            }
        }
        isGone = true
        return .lost(loss("\(subject) is gone"))
    }

    /// - Returns: the moment from which ticks count for the wait that begins.
    private func startTicking() -> ContinuousClock.Instant {
        connection.isTicking = true
        return .now
    }

    private var subject: String { settings.name ?? "the agent" }

    private var silenceLimit: Duration {
        hasGreeted ? settings.silenceLimit : settings.startTimeout ?? settings.silenceLimit
    }

    /// The limit for a greeting while the console prints, in multiples of the limit of silence.
    private static let greetingLimit = 12

    /// Why the wait ends without a message; nil while it goes on.
    private func timeoutReason(silence: Duration, waited: Duration) -> String? {
        if silence > silenceLimit {
            return
                "\(subject) gave no sign of life for \(silenceLimit.components.seconds) s and was "
                + "killed"
        }
        let limit = silenceLimit * Self.greetingLimit
        guard !hasGreeted, waited > limit else { return nil }
        return "\(subject) gave signs of life, but the agent did not greet within "
            + "\(limit.components.seconds) s, and it was killed"
    }

    private mutating func loss(_ why: String) -> PlumblineError {
        isLossReported = true
        return watch?.loss(why, greeted: hasGreeted)
            ?? .failure(why, remedy: "look for kernel messages; --resume tries the cell again")
    }

    private mutating func give(up why: String) async -> Awaited {
        connection.kill()
        await drain(.seconds(5))
        return .lost(loss(why))
    }

    private mutating func consume(_ line: String) {
        if watch == nil { note(line) } else { watch?.take(line) }
    }

    /// Has the agent undo its changes and end, by `bye` or, when it is busy, by SIGTERM.
    ///
    /// - Returns: the result of an order that it still finished.
    @discardableResult
    mutating func end(busy: Bool) async -> AgentMessage? {
        guard !isGone else { return nil }
        if busy { terminate() } else { try? connection.send(.bye) }
        if settings.endsInput { connection.endInput() }
        let last = await drain(settings.shutdownTimeout)
        if !isGone {
            note(
                settings.watch == nil && settings.route == nil
                    ? "the agent did not end in time and was killed; see "
                        + "`plumbline doctor --restore`"
                    : "\(subject) did not end in time and was killed")
            connection.kill()
            await drain(.seconds(5))
            await restoreLeavings()
        } else if let death, settings.watch == nil, settings.route == nil {
            note("\(subject) is gone before it undid its changes: \(death)")
            await restoreLeavings()
        }
        return last
    }

    private func terminate() {
        if let route = settings.route { route.terminate() } else { connection.terminate() }
    }

    /// Undoes the changes that a dead agent left.
    func restoreLeavings() async {
        if let route = settings.route { return await route.restore().forEach(note) }
        guard isGone, let process else { return }
        UndoLog.restore(after: process, in: settings.stateDirectory).forEach(note)
    }

    @discardableResult
    private mutating func drain(_ limit: Duration) async -> AgentMessage? {
        let start = startTicking()
        defer { connection.isTicking = false }
        var waited = Duration.zero
        var last: AgentMessage?
        var saidBye = false
        while waited < limit, let event = await iterator.next() {
            connection.taken()
            switch event {
            case .message(let message):
                if case .result = message { last = message }
                if case .log(let text) = message { note(text) }
                if case .bye = message { saidBye = true }
            case .diagnostic(let line): consume(line)
            case .tick(let moment): if moment >= start { waited += settings.tick }
            case .ended(let how):
                isGone = true
                death = saidBye ? nil : how
                return last
            case .started(let process): self.process = process
            case .garbage: break
            }
        }
        return last
    }
}
