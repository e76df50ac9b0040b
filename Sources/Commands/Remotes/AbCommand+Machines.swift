// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Experiment
import Journal
import Linux
import Protocol
import Remotes

extension AbCommand {
    /// The machines of --a and --b; nil for kernels.
    ///
    /// - Throws: `usage` for one machine and one kernel, for one machine twice, and for options of
    ///   guests beside machines.
    func machines() throws(PlumblineError) -> [ComparedMachine]? {
        let areMachines = [a, b].map(ComparedMachine.isNamed)
        try ssh.check(
            isUsed: [a, b].contains { $0?.hasPrefix(SSHAddress.scheme) == true },
            option: "--a ssh://HOST --b ssh://HOST")
        guard areMachines.contains(true) else { return nil }
        guard let a, let b, areMachines == [true, true] else {
            throw .usage(
                "--a and --b: a machine as it runs cannot be compared with a kernel in a guest",
                remedy: "give two machines, such as --a ssh://box1 --b ssh://box2, or two kernels")
        }
        let machines = [try ComparedMachine(a, of: "--a"), try ComparedMachine(b, of: "--b")]
        guard machines[0].name != machines[1].name else {
            throw .usage(
                "--a and --b are the same machine, \(machines[0].name)",
                remedy: "give two machines; `plumbline toggle --on` compares a knob's values on one"
            )
        }
        if let option = pair.optionOfGuests {
            throw .usage(
                "\(option) is not supported with machines over ssh", remedy: "leave it out")
        }
        return machines
    }

    /// Compares two machines, each with the kernel that it runs.
    func compare(
        _ machines: [ComparedMachine], on console: Console
    ) async throws -> Int32 {
        let common = pair.common
        let cells = try pair.cells(of: source(), console)
        let plan = try plans(of: cells, console)
        try common.refuseDryRun()
        if common.list {
            let named = machines.map { $0.machine(.init(executable: "")) }
            console.document(CellList(plan: plan(named[0], named[1])).text)
            return 0
        }
        let measurement = try Measurement(common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        try Interrupts.catch()
        if machines.contains(.local) { common.warnOfLeftovers(console) }
        let agent = try common.findAgent(console)
        let report = measurement.report
        let remotes = try machines.map { (machine) throws(PlumblineError) -> RemoteAgent? in
            guard let address = machine.address else { return nil }
            return try ssh.agent(on: address, agent: agent, note: { report(.note($0)) })
        }
        var named = machines.map { $0.machine(.init(executable: agent)) }
        let settled = try measurement.settle(plan(named[0], named[1]), isComplete: true)
        let outcome = try await measurement.run(settled, over: remotes.compactMap { $0 }) {
            for case (let place, let remote?) in remotes.enumerated() {
                named[place].agent = remote.configuration
            }
            return GuestPairTarget(
                a: named[0], b: named[1], host: .init(executable: agent), alternates: false,
                schedule: Schedule(settled), isInterrupted: Measurement.isInterrupted,
                report: report)
        }
        if placebos.comparisons != nil {
            return try placebos.finish(measurement, outcome, as: format, on: console)
        }
        let code = try console.printReport(
            StoredJournal(readingFrom: measurement.writer.path), format: format,
            inconclusiveIsOK: pair.comparison.inconclusiveOk, interrupted: outcome.interrupted)
        measurement.printJournal(console)
        return code
    }

    /// Makes the plan for two machines as the options say.
    private func plans(
        of asked: SuiteRecord, _ console: Console
    ) throws(PlumblineError) -> (GuestMachine, GuestMachine) -> Plan {
        let common = pair.common
        let isShort = try common.hasShortSlices(of: source())
        let cells = isShort ? asked.withShortSlices() : asked
        let stopping = try pair.stopping(cells, metric: .time)
        let (rounds, margin) = (try pair.boots.count(.time), try pair.comparison.margin())
        try placebos.check(pair)
        return { a, b in
            let plan = Plan.ab(
                cells, a: a, b: b, stopping: stopping, equivalence: margin, rounds: rounds,
                seed: common.chosenSeed, arguments: console.arguments)
            var whole = placebos.repeating(isShort ? plan.withShortSlices() : plan)
            if evidence.isOn() { whole.comparison?.evidence = true }
            return whole
        }
    }
}
