// SPDX-License-Identifier: GPL-3.0-or-later

import Configuration
import Journal
import Linux

/// One sitting of a run: works through the slices that are left with one agent after the other.
struct Session {
    private let suite: SuiteRecord
    private let seed: UInt64
    private let configuration: RunController.Configuration
    private let isInterrupted: @Sendable () -> Bool
    private let report: @Sendable (RunProgress) -> Void
    private var left: [Schedule.Visit]
    private let total: Int
    private var warm: Set<Int> = []
    private var orders = 0
    private var time = RemainingTime()
    private var outcome = RunController.Outcome()

    /// A sitting that leaves out what is done.
    init(
        suite: SuiteRecord, seed: UInt64, done: Set<Schedule.Visit>,
        configuration: RunController.Configuration,
        isInterrupted: @escaping @Sendable () -> Bool,
        report: @escaping @Sendable (RunProgress) -> Void
    ) {
        self.suite = suite
        self.seed = seed
        self.configuration = configuration
        self.isInterrupted = isInterrupted
        self.report = report
        let visits = Schedule(suite, seed: seed).visits
        left = visits.filter { !done.contains($0) }
        total = visits.count
    }

    /// Whether nothing is left to run.
    var isFinished: Bool { left.isEmpty }

    /// Runs what is left; `greeted` writes the journal's first line of this sitting.
    mutating func run(
        _ writer: JournalWriter, greeted: (Hello) throws -> Void
    ) async throws(PlumblineError) -> RunController.Outcome {
        var link = connect()
        var state = JournalEvent.Ending.State.finished
        do {
            try await greet(&link, first: true, greeted)
            try await work(&link, writer)
            if outcome.interrupted { state = .interrupted }
        } catch let error as PlumblineError {
            await link.end(busy: false)
            if error.kind == .interrupted, writer.hasLines {
                try writer.append(ended(.interrupted))
            } else if writer.hasLines {
                try? writer.append(ended(.failed))
            }
            throw error
        } catch {
            await link.end(busy: false)
            throw .failure("\(error)")
        }
        await link.end(busy: false)
        try writer.append(ended(state))
        return outcome
    }

    private func ended(_ state: JournalEvent.Ending.State) -> JournalEvent {
        .end(.init(state: state, at: Clock.realtimeNanoseconds()))
    }

    private func connect() -> AgentLink {
        let report = report
        return AgentLink(configuration, isInterrupted: isInterrupted) { report(.note($0)) }
    }

    private func greet(
        _ link: inout AgentLink, first: Bool, _ greeted: (Hello) throws -> Void
    ) async throws {
        let awaited = await link.await { message in
            if case .hello = message { true } else { false }
        }
        switch awaited {
        case .message(.hello(let hello)):
            guard hello.protocolVersion == Hello.protocolVersion else {
                throw PlumblineError.failure(
                    "\(configuration.agent) speaks protocol \(hello.protocolVersion), and this "
                        + "plumbline speaks \(Hello.protocolVersion)",
                    remedy: "use a plumbline and an agent of one version")
            }
            guard first else { return }
            try greeted(hello)
            report(
                .started(
                    kernel: hello.kernelRelease, slices: left.count, remaining: remaining()))
        case .interrupted: throw PlumblineError(.interrupted, "interrupted before the first slice")
        case .message, .lost:
            var why = "it did not greet"
            if case .lost(let reason) = awaited { why = reason }
            throw PlumblineError.failure(
                "the agent \(configuration.agent) does not work: \(why)",
                remedy: "run it by hand to see more, or build it with `make build`")
        }
    }

    private mutating func work(_ link: inout AgentLink, _ writer: JournalWriter) async throws {
        var restarts = 0
        while let visit = left.first {
            if isInterrupted() {
                report(.interrupted)
                outcome.interrupted = true
                return
            }
            if link.isGone {
                restarts += 1
                guard restarts <= configuration.restarts else {
                    throw PlumblineError.failure(
                        "the agent ended \(restarts) times before its slice was done",
                        remedy: "see the messages above; --resume goes on with the journal")
                }
                link = connect()
                try await greet(&link, first: false) { _ in }
                warm = []
            }
            let order = order(for: visit)
            let begun = ContinuousClock.now
            report(
                .slice(
                    cell: order.cell.name, done: total - left.count, total: total,
                    remaining: remaining()))
            try link.send(.run(order))
            let awaited = await link.await { message in
                switch message {
                case .result(let number, _): number == order.order
                case .failed(let number, _): number == nil || number == order.order
                default: false
                }
            }
            try await take(awaited, visit, order, writer, &link)
            if case .message(.result) = awaited {
                time.add(planned: planned(order), observed: ContinuousClock.now - begun)
            }
        }
    }

    private mutating func take(
        _ awaited: AgentLink.Awaited, _ visit: Schedule.Visit, _ order: SliceOrder,
        _ writer: JournalWriter, _ link: inout AgentLink
    ) async throws {
        switch awaited {
        case .message(.result(_, let slice)):
            try keep(slice, order, writer)
        case .message(.failed(_, let error)) where error.kind == .interrupted:
            await link.end(busy: false)
            outcome.interrupted = true
            left = []
        case .message(.failed(_, let error)):
            try fail(visit, order, error, writer)
        case .lost(let why):
            link.restoreLeavings()
            try fail(
                visit, order,
                .failure(why, remedy: "look for kernel messages; --resume tries the cell again"),
                writer)
        case .interrupted:
            report(.interrupted)
            outcome.interrupted = true
            if let slice = await link.end(busy: true) { try keep(slice, order, writer) }
            left = []
        case .message: break
        }
    }

    private mutating func keep(
        _ slice: SliceRecord, _ order: SliceOrder, _ writer: JournalWriter
    ) throws {
        guard slice.cell == order.cell.name, slice.visit == order.visit else {
            throw PlumblineError.failure(
                "the agent sent slice \(slice.visit) of '\(slice.cell)' when slice \(order.visit) "
                    + "of '\(order.cell.name)' was ordered",
                remedy: "use a plumbline and an agent of one version")
        }
        try writer.append(.slice(slice))
        left.removeFirst()
        if !slice.validity.isValid {
            report(
                .void(cell: slice.cell, reasons: slice.validity.reasons.keys.sorted()))
        }
    }

    private mutating func fail(
        _ visit: Schedule.Visit, _ order: SliceOrder, _ error: PlumblineError,
        _ writer: JournalWriter
    ) throws {
        let failure = JournalEvent.CellFailure(
            cell: order.cell.name, visit: visit.number, error: error)
        try writer.append(.cellFailed(failure))
        outcome.failures.append(failure)
        left.removeAll { $0.cell == visit.cell }
        report(.cellFailed(cell: failure.cell, error: error))
    }

    private mutating func order(for visit: Schedule.Visit) -> SliceOrder {
        orders += 1
        let first = warm.insert(visit.cell).inserted
        return SliceOrder(
            order: orders, cell: suite.cells[visit.cell], visit: visit.number,
            duration: suite.slice,
            guardTime: first ? max(suite.warmup, suite.guardTime) : suite.guardTime,
            seed: SeededGenerator.derive(seed, visit.cell, visit.number),
            pressureThreshold: suite.pressureThreshold)
    }

    private func planned(_ order: SliceOrder) -> Duration {
        .nanoseconds(order.duration + order.guardTime)
    }

    private func remaining() -> Duration {
        let slice = suite.slice + suite.guardTime
        let cold = Set(left.map(\.cell)).subtracting(warm).count
        let extra = max(suite.warmup, suite.guardTime) - suite.guardTime
        return time.estimate(
            planned: .nanoseconds(left.count * slice + cold * extra), slices: left.count)
    }
}
