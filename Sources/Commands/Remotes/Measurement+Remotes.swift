// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Journal
import Remotes

extension Measurement {
    /// Losses of a connection in a row, without a slice between them, that a run survives.
    private static let lossesInARow = 3

    /// Measures one machine that ssh reaches, its knobs included.
    ///
    /// - Parameter agent: the agent's file on this machine.
    /// - Throws: as `run(_:over:on:)`.
    func run(
        _ plan: Plan, at address: SSHAddress, by ssh: SSHOptions, agent: String
    ) async throws -> Outcome {
        let report = report
        let remote = try ssh.agent(
            on: address, agent: agent, counts: plan.counters == true, note: { report(.note($0)) })
        return try await run(plan, over: [remote]) { () throws(PlumblineError) in
            try MachineTarget(
                plan, agent: remote.configuration, isInterrupted: Self.isInterrupted,
                report: report)
        }
    }

    /// Measures machines that ssh reaches, until the plan is done or a signal comes. Where a
    /// connection is lost, it connects anew and goes on with the journal.
    ///
    /// - Parameters:
    ///   - agents: those of the machines; all are ended.
    ///   - target: makes a target of agents that are there.
    /// - Throws: as `run(_:on:)`; the journal has what was measured.
    func run<T: Target>(
        _ plan: Plan, over agents: [RemoteAgent], on target: () throws(PlumblineError) -> T
    ) async throws -> Outcome {
        do {
            let outcome = try await runAgain(plan, over: agents, on: target)
            for agent in agents { await agent.close() }
            return outcome
        } catch {
            for agent in agents { await agent.close() }
            throw error
        }
    }

    private func runAgain<T: Target>(
        _ plan: Plan, over agents: [RemoteAgent], on target: () throws(PlumblineError) -> T
    ) async throws -> Outcome {
        var (journal, losses) = (stored, 0)
        while true {
            try await prepare(agents)
            do {
                return try await run(plan, on: target(), after: journal)
            } catch let error as PlumblineError {
                guard error.kind == .failure, let loss = await Self.loss(among: agents)
                else { throw error }
                let now = writer.hasLines ? try StoredJournal(readingFrom: writer.path) : nil
                losses = now?.sliceCount ?? 0 > journal?.sliceCount ?? 0 ? 1 : losses + 1
                guard losses <= Self.lossesInARow else { throw loss }
                journal = now
                report(.note("\(loss.message); connecting again"))
            }
        }
    }

    private func prepare(_ agents: [RemoteAgent]) async throws(PlumblineError) {
        do throws(PlumblineError) {
            for agent in agents { try await agent.prepare() }
        } catch {
            guard error.kind == .failure, writer.hasLines else { throw error }
            throw PlumblineError(
                error.kind, error.message,
                remedy: "\(error.remedy); --resume goes on with \(writer.path)")
        }
    }

    private static func loss(among agents: [RemoteAgent]) async -> PlumblineError? {
        for agent in agents {
            if let loss = await agent.loss() { return loss }
        }
        return nil
    }
}
