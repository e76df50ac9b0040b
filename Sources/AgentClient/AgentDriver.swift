// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Machine
import Protocol

/// Starts an agent, orders slices from it, and starts a new one when it dies.
package struct AgentDriver {
    /// The answer to an order.
    package enum Answer<Value: Sendable>: Sendable {
        /// It was carried out.
        case done(Value)
        /// It could not be; from an `AgentDriver` also: the agent is gone.
        case failed(PlumblineError)
        /// Said by a target: the agent is gone, and another one measures the slice.
        case lost(PlumblineError)
        /// The machine is unfit to measure on, such as by its clock: all its slices since it
        /// started are void, and the cell may run on another machine.
        case unfit(PlumblineError)
        /// A signal ended it; with the value if the agent still finished it.
        case interrupted(Value?)
    }

    private var configuration: AgentConfiguration
    private let note: @Sendable (String) -> Void
    private let onInterruption: @Sendable () -> Void
    private var link: AgentLink
    private var restarts = 0
    private var clock = ClockCheck()
    private let isInterrupted: @Sendable () -> Bool

    /// Starts an agent.
    ///
    /// - Parameters:
    ///   - note: is called with the agent's messages for the user.
    ///   - onInterruption: is called when a signal came, before the agent undoes its changes.
    package init(
        _ configuration: AgentConfiguration, isInterrupted: @escaping @Sendable () -> Bool,
        note: @escaping @Sendable (String) -> Void = { _ in },
        onInterruption: @escaping @Sendable () -> Void = {}
    ) {
        self.configuration = configuration
        self.isInterrupted = isInterrupted
        self.note = note
        self.onInterruption = onInterruption
        link = AgentLink(configuration, isInterrupted: isInterrupted, note: note)
    }

    /// Starts an agent, waits for its greeting, and ends it.
    ///
    /// - Throws: as `greeting()`.
    package static func greeting(
        of configuration: AgentConfiguration, isInterrupted: @escaping @Sendable () -> Bool,
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(PlumblineError) -> Hello {
        var driver = AgentDriver(configuration, isInterrupted: isInterrupted, note: note)
        do throws(PlumblineError) {
            let hello = try await driver.greeting()
            await driver.end()
            return hello
        } catch {
            await driver.end()
            throw error
        }
    }

    /// Waits for the agent's greeting.
    ///
    /// - Throws: `failure` when there is none or it is of another protocol, `interrupted`.
    package mutating func greeting() async throws(PlumblineError) -> Hello {
        for _ in 1..<Self.starts {
            do throws(PlumblineError) { return try await awaitHello() } catch {
                guard link.isGone, link.isWorthAnotherStart else { throw error }
                note("\(error.message.prefix { $0 != "\n" }); starting it again")
                restart()
            }
        }
        return try await awaitHello()
    }

    /// How often a machine is started when another start may cure its fault.
    private static let starts = 4

    private mutating func restart() {
        clock = ClockCheck()
        link = AgentLink(configuration, isInterrupted: isInterrupted, note: note)
    }

    private mutating func awaitHello() async throws(PlumblineError) -> Hello {
        let awaited = await link.await { message in
            if case .hello = message { true } else { false }
        }
        switch awaited {
        case .message(.hello(let hello)):
            guard hello.protocolVersion == Hello.protocolVersion else {
                throw PlumblineError.failure(
                    "\(subject) speaks protocol \(hello.protocolVersion), and this "
                        + "plumbline speaks \(Hello.protocolVersion)",
                    remedy: "use a plumbline and an agent of one version")
            }
            if let objection = configuration.objection(hello) { throw objection }
            if VerboseLog.isOn { try link.send(.verbose) }
            return hello
        case .interrupted: throw PlumblineError(.interrupted, "interrupted while the agent starts")
        case .message, .lost:
            var why = "it did not greet"
            if case .lost(let error) = awaited {
                if configuration.watch != nil { throw error }
                why = error.message
            }
            throw PlumblineError.failure(
                "\(subject) does not work: \(why)",
                remedy: "run it by hand to see more, or build it with `make build`")
        }
    }

    private var subject: String {
        configuration.name ?? "the agent \(configuration.executable)"
    }

    /// Replaces an agent that is gone.
    ///
    /// - Returns: the greeting of the new one, which has run no cell yet; nil while the old one runs.
    /// - Throws: `failure` after too many deaths, and when the connection to its machine is lost.
    package mutating func revive() async throws(PlumblineError) -> Hello? {
        guard link.isGone else { return nil }
        while true {
            try checkDeaths()
            restarts += 1
            if let route = configuration.route {
                if let loss = await route.loss() { throw loss }
                // The file there may be gone, and be put there anew.
                var next = try await route.reach()
                next.objection = configuration.objection
                configuration = next
            }
            restart()
            do throws(PlumblineError) { return try await greeting() } catch {
                // A process of this machine that somebody kills again.
                guard link.isGone, configuration.watch == nil, configuration.route == nil else {
                    throw error
                }
                note(error.message)
            }
        }
    }

    /// Makes sure that an agent that is gone may be replaced.
    ///
    /// - Throws: `failure` after too many deaths in a row.
    package func checkDeaths() throws(PlumblineError) {
        guard link.isGone, restarts >= configuration.restarts else { return }
        throw .failure(
            "the agent ended \(restarts + 1) times before its slice was done",
            remedy: "see the messages above; --resume goes on with the journal")
    }

    /// Forgets the deaths so far: a slice is done.
    package mutating func forgetDeaths() { restarts = 0 }

    /// Has a cell prepared.
    package mutating func prepare(
        _ order: PrepareOrder
    ) async throws(PlumblineError) -> Answer<Void> {
        try await exchange(.prepare(order), order: order.order) {
            if case .prepared = $0 { () } else { nil }
        }
    }

    /// Orders a slice and waits for its result.
    ///
    /// - Throws: `failure` when the agent sends another slice than the one ordered.
    package mutating func measure(
        _ order: SliceOrder
    ) async throws(PlumblineError) -> Answer<SliceRecord> {
        let ordered = ContinuousClock.now
        let answer = try await exchange(.run(order), order: order.order) {
            if case .result(_, let slice) = $0 { slice } else { nil }
        }
        switch answer {
        case .done(let slice), .interrupted(let slice?): try check(slice, order)
        default: break
        }
        // A slice that is void may have ended early.
        if configuration.checksClock, case .done(let slice) = answer, slice.validity.isValid,
            let objection = clock.objection(
                opened: slice.startedAt, notBefore: ordered + .nanoseconds(order.guardTime),
                // A program may end its slice before.
                notAfter: .now
                    - .nanoseconds(min(order.duration, Int(clamping: slice.interval))))
        {
            return .unfit(unfit(.failure(objection)))
        }
        return answer
    }

    private func unfit(_ error: PlumblineError) -> PlumblineError {
        PlumblineError(
            error.kind, "\(configuration.name ?? "the agent"): \(error.message)",
            remedy: "what it measured since it started does not count")
    }

    /// Has knobs turned.
    package mutating func turn(
        _ order: TurnOrder
    ) async throws(PlumblineError) -> Answer<Void> {
        try await exchange(.turn(order), order: order.order) {
            if case .turned = $0 { () } else { nil }
        }
    }

    /// Ends a visit; its record is nil when the agent has none.
    package mutating func release(
        _ order: ReleaseOrder
    ) async throws(PlumblineError) -> Answer<VisitRecord?> {
        try await exchange(.release(order), order: order.order) {
            if case .released(_, let visit) = $0 { .some(visit) } else { nil }
        }
    }

    /// Has a probe run.
    package mutating func probe(
        _ order: ProbeOrder
    ) async throws(PlumblineError) -> Answer<ProbeRecord> {
        try await exchange(.probe(order), order: order.order) {
            if case .probed(_, let record) = $0 { record } else { nil }
        }
    }

    /// Sends an order and waits for its answer; after an interruption the agent is gone.
    private mutating func exchange<Value: Sendable>(
        _ message: ControllerMessage, order: Int, _ value: (AgentMessage) -> Value?
    ) async throws(PlumblineError) -> Answer<Value> {
        try link.send(message)
        let awaited = await link.await { $0.answers(order) }
        switch awaited {
        case .message(.failed(_, let error)) where error.kind == .interrupted:
            await link.end(busy: false)
            return .interrupted(nil)
        case .message(.failed(_, let error)): return .failed(error)
        case .message(.unfit(_, let error)): return .unfit(unfit(error))
        case .message(let answer):
            guard let value = value(answer) else {
                return .failed(.failure("the agent gave no answer"))
            }
            return .done(value)
        case .lost(let error):
            await link.restoreLeavings()
            return link.blamesMachine ? .unfit(error) : .failed(error)
        case .interrupted:
            onInterruption()
            return .interrupted(await link.end(busy: true).flatMap(value))
        }
    }

    /// Has the agent undo its changes and end.
    package mutating func end() async { await link.end(busy: false) }

    /// A fault of the agent's machine, which makes all its slices since its start void.
    package var complaint: PlumblineError? { link.complaint }

    /// Whether the agent is gone, for whatever reason.
    package var isGone: Bool { link.isGone }

    private func check(_ slice: SliceRecord, _ order: SliceOrder) throws(PlumblineError) {
        guard slice.cell == order.cell, slice.number == order.number else {
            throw PlumblineError.failure(
                "the agent sent slice \(slice.number) of '\(slice.cell)' when slice "
                    + "\(order.number) of '\(order.cell)' was ordered",
                remedy: "use a plumbline and an agent of one version")
        }
    }
}

extension AgentMessage {
    /// Whether it ends the wait for the answer to an order.
    fileprivate func answers(_ order: Int) -> Bool {
        switch self {
        case .prepared(let number), .turned(let number), .result(let number, _),
            .released(let number, _), .probed(let number, _), .unfit(let number, _):
            number == order
        case .failed(let number, _): number == nil || number == order
        case .hello, .log, .heartbeat, .bye: false
        }
    }
}
