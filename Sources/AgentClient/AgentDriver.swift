// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// Drives one agent after the other: greets, has slices run, and replaces an agent that died.
package struct AgentDriver {
    /// What came of an order.
    package enum Answer: Sendable {
        /// The slice ran.
        case slice(SliceRecord)
        /// It could not run, or the agent was lost over it.
        case failed(PlumblineError)
        /// The machine turned out to be unfit to measure on, by its clock: whatever ran there since
        /// it started is void, and the cell may run elsewhere.
        case unfit(PlumblineError)
        /// A signal ended it; the slice is there where the agent still finished it.
        case interrupted(SliceRecord?)
    }

    private let configuration: AgentConfiguration
    private let report: @Sendable (AgentNotice) -> Void
    private var link: AgentLink
    private var restarts = 0
    /// Whether a signal came.
    package let isInterrupted: @Sendable () -> Bool

    /// Starts an agent.
    package init(
        _ configuration: AgentConfiguration, isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (AgentNotice) -> Void
    ) {
        self.configuration = configuration
        self.isInterrupted = isInterrupted
        self.report = report
        link = Self.connect(configuration, isInterrupted, report)
    }

    private static func connect(
        _ configuration: AgentConfiguration,
        _ isInterrupted: @escaping @Sendable () -> Bool,
        _ report: @escaping @Sendable (AgentNotice) -> Void
    ) -> AgentLink {
        AgentLink(configuration, isInterrupted: isInterrupted) { report(.note($0)) }
    }

    /// Waits for the agent's greeting.
    ///
    /// - Throws: `failure` when there is none or it is of another protocol, `interrupted`.
    package mutating func greeting() async throws(PlumblineError) -> Hello {
        for _ in 1..<Self.starts {
            do throws(PlumblineError) { return try await awaitHello() } catch {
                guard link.isGone, link.isWorthAnotherStart else { throw error }
                report(.note("\(error.message.prefix { $0 != "\n" }); starting it again"))
                link = Self.connect(configuration, isInterrupted, report)
            }
        }
        return try await awaitHello()
    }

    /// How often a machine is started whose fault another start may be without.
    private static let starts = 4

    private mutating func awaitHello() async throws(PlumblineError) -> Hello {
        let awaited = await link.await { message in
            if case .hello = message { true } else { false }
        }
        switch awaited {
        case .message(.hello(let hello)):
            guard hello.protocolVersion == Hello.protocolVersion else {
                throw PlumblineError.failure(
                    "\(configuration.executable) speaks protocol \(hello.protocolVersion), and this "
                        + "plumbline speaks \(Hello.protocolVersion)",
                    remedy: "use a plumbline and an agent of one version")
            }
            if let objection = configuration.objection(hello) { throw objection }
            return hello
        case .interrupted: throw PlumblineError(.interrupted, "interrupted before the first slice")
        case .message, .lost:
            var why = "it did not greet"
            if case .lost(let error) = awaited {
                if configuration.watch != nil { throw error }
                why = error.message
            }
            throw PlumblineError.failure(
                "the agent \(configuration.executable) does not work: \(why)",
                remedy: "run it by hand to see more, or build it with `make build`")
        }
    }

    /// Replaces an agent that is gone.
    ///
    /// - Returns: the greeting of a new one, to which every cell is cold; nil while the old one runs.
    /// - Throws: `failure` after too many deaths.
    package mutating func revive() async throws(PlumblineError) -> Hello? {
        guard link.isGone else { return nil }
        restarts += 1
        guard restarts <= configuration.restarts else {
            throw PlumblineError.failure(
                "the agent ended \(restarts) times before its slice was done",
                remedy: "see the messages above; --resume goes on with the journal")
        }
        link = Self.connect(configuration, isInterrupted, report)
        return try await greeting()
    }

    /// Has a slice run and waits for what comes of it; after an interruption the agent is gone.
    ///
    /// - Throws: `failure` when the agent sends another slice than the one ordered.
    package mutating func perform(_ order: SliceOrder) async throws(PlumblineError) -> Answer {
        try link.send(.run(order))
        let awaited = await link.await { message in
            switch message {
            case .result(let number, _): number == order.order
            case .unfit(let number, _): number == order.order
            case .failed(let number, _): number == nil || number == order.order
            default: false
            }
        }
        switch awaited {
        case .message(.result(_, let slice)):
            try check(slice, order)
            return .slice(slice)
        case .message(.failed(_, let error)) where error.kind == .interrupted:
            await link.end(busy: false)
            return .interrupted(nil)
        case .message(.failed(_, let error)): return .failed(error)
        case .message(.unfit(_, let error)):
            return .unfit(
                PlumblineError(
                    error.kind, "\(configuration.name ?? "the agent"): \(error.message)",
                    remedy: "what it measured since it started does not count"))
        case .lost(let error):
            link.restoreLeavings()
            return link.blamesMachine ? .unfit(error) : .failed(error)
        case .interrupted:
            report(.interrupted)
            guard let slice = await link.end(busy: true) else { return .interrupted(nil) }
            try check(slice, order)
            return .interrupted(slice)
        case .message: return .failed(.failure("the agent gave no answer"))
        }
    }

    /// Has the agent put everything back and end.
    package mutating func end() async { await link.end(busy: false) }

    /// What is wrong with the agent's machine: whatever it measured since it started is void.
    package var complaint: PlumblineError? { link.complaint }

    /// Whether the agent is gone, for whatever reason.
    package var isGone: Bool { link.isGone }

    private func check(_ slice: SliceRecord, _ order: SliceOrder) throws(PlumblineError) {
        guard slice.cell == order.cell.name, slice.visit == order.visit else {
            throw PlumblineError.failure(
                "the agent sent slice \(slice.visit) of '\(slice.cell)' when slice \(order.visit) "
                    + "of '\(order.cell.name)' was ordered",
                remedy: "use a plumbline and an agent of one version")
        }
    }
}
