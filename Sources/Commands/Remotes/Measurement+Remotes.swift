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
            for agent in agents { try await agent.prepare() }
            do {
                return try await run(plan, on: target(), after: journal)
            } catch let error as PlumblineError {
                guard error.kind == .failure, writer.hasLines,
                    let lost = await Self.lost(among: agents)
                else { throw error }
                let now = try StoredJournal(readingFrom: writer.path)
                losses = now.slices.count > journal?.slices.count ?? 0 ? 1 : losses + 1
                guard losses <= Self.lossesInARow else { throw error }
                journal = now
                report(.note("\(lost.session.loss.message); connecting again"))
            }
        }
    }

    private static func lost(among agents: [RemoteAgent]) async -> RemoteAgent? {
        for agent in agents {
            if await agent.isLost() { return agent }
        }
        return nil
    }
}
