// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Experiment
import Journal
import Linux
import Protocol
import Remotes
import Statistics
import Verdicts

extension GateCommand {
    /// Measures two kernels: in guests, or on the machines of --on.
    ///
    /// - Returns: nil where nothing is measured.
    func measurePair(
        _ a: String?, _ b: String?, on console: Console
    ) async throws -> (Measurement, Outcome)? {
        guard on.isEmpty else { return try await reboots(a, b).measure(on: console) }
        if let machine = [a, b].compactMap({ $0 }).first(where: Self.isMachine) {
            throw PlumblineError.usage(
                "gate: \(machine) is compared with journals of runs on it only",
                remedy: "name such journals with --baseline, or have machines boot both kernels "
                    + "with --on FILE")
        }
        return try await guests(a, b).measure(on: console)
    }

    /// Measures one kernel, which is then compared with journals.
    ///
    /// - Returns: nil where nothing is measured.
    /// - Throws: `NotComparable` before anything is measured, where that shows already.
    func measureCandidate(
        _ name: String, against stored: [StoredJournal], on console: Console
    ) async throws -> (Measurement, Outcome)? {
        if Self.isMachine(name) {
            return try await measure(machine: name, against: stored, on: console)
        }
        guard on.isEmpty else {
            var run = try reboots(name, name)
            run.check = { try Self.check($0, on: stored[0].header.host, against: stored) }
            return try await run.measure(on: console)
        }
        var run = try guests(name, name)
        run.layoutsOfOne = stored[0].header.comparison?.relinks?.count ?? 0
        let common = pair.common
        run.check = { plan in
            let host = try await AgentDriver.greeting(
                of: .init(executable: common.findAgent(console)),
                isInterrupted: Measurement.isInterrupted)
            try Self.check(plan, on: host, against: stored)
        }
        return try await run.measure(on: console)
    }

    /// One run against several of another kernel, judged by how much those differ, as by `compare
    /// --history`; nil for other journals. The newest run of the baseline is the one compared.
    func runs(
        _ baseline: [StoredJournal], _ candidate: [StoredJournal]
    ) throws -> JournalComparison? {
        guard candidate.count == 1, baseline.count > StudentT.leastRuns,
            (baseline + candidate).allSatisfy({ $0.header.comparison == nil })
        else { return nil }
        let runs = baseline.sorted { $0.header.startedAt < $1.header.startedAt }
        func run(_ journal: StoredJournal) -> RunHistory.Run {
            .init(journal, name: journal.header.id)
        }
        let newest = runs[runs.count - 1]
        let history = try RunHistory(
            runs.dropLast().map(run), besides: [run(newest), run(candidate[0])])
        return try JournalComparison(newest, candidate[0], history: history)
    }

    private static func isMachine(_ name: String) -> Bool { name.hasPrefix(SSHAddress.scheme) }

    private func names(_ a: String?, _ b: String?) -> (a: KernelPairRun.Name, b: KernelPairRun.Name)
    {
        (.init(option: "--baseline", text: a), .init(option: "--candidate", text: b))
    }

    private func guests(
        _ a: String?, _ b: String?
    ) throws(PlumblineError) -> KernelPairRun {
        let names = names(a, b)
        return KernelPairRun(
            command: "gate", suite: try source(), a: names.a, b: names.b, options: pair)
    }

    private func reboots(
        _ a: String?, _ b: String?
    ) throws(PlumblineError) -> RebootComparison {
        let names = names(a, b)
        return RebootComparison(
            command: "gate", suite: try source(), a: names.a, b: names.b, paths: on, options: pair,
            ssh: ssh)
    }

    /// Measures the kernel that a machine runs, as `run --on` does.
    private func measure(
        machine text: String, against stored: [StoredJournal], on console: Console
    ) async throws -> (Measurement, Outcome)? {
        let address = try SSHOptions.address(text, of: "--candidate")
        let least = StudentT.leastRuns + 1
        guard stored.count >= least, stored.allSatisfy({ $0.header.comparison == nil }) else {
            throw PlumblineError.usage(
                "--candidate \(text) is one run, which needs at least \(least) runs of the "
                    + "baseline",
                remedy: "name journals of `plumbline run \(suite) --on \(text)` with --baseline")
        }
        if let option = optionOfComparisons {
            throw PlumblineError.usage(
                "\(option) is not supported with --candidate \(text)", remedy: "leave it out")
        }
        let common = pair.common
        let cells = try pair.cells(of: source(), console)
        let plan = Plan(
            .run, cells, seed: common.chosenSeed, arguments: console.arguments,
            metric: try pair.guest.metric.chosen(inGuest: false), host: address.machine)
        try common.refuseDryRun()
        if common.list {
            console.document(CellList(plan: plan).text)
            return nil
        }
        try Self.check(plan, on: stored[0].header.host, against: stored)
        let measurement = try Measurement(common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        try Interrupts.catch()
        let settled = try measurement.settle(plan, isComplete: true)
        let agent = try common.findAgent(console)
        return (measurement, try await measurement.run(settled, at: address, by: ssh, agent: agent))
    }

    /// The first option given that a run has not.
    private var optionOfComparisons: String? {
        let given = [
            ("--on", !on.isEmpty), ("--rounds", pair.boots.rounds != nil),
            ("--budget", pair.comparison.budget != nil),
            ("--blocks", pair.comparison.blocks != nil), ("--quick", pair.quick),
            ("--no-early-stop", pair.comparison.noEarlyStop),
            ("--equivalence", pair.comparison.equivalence != nil),
            ("--controls", pair.comparison.controls),
        ]
        return pair.optionOfGuests ?? given.first { $0.1 }?.0
    }
}
