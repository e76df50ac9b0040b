// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Experiment
import Journal
import Linux
import Protocol
import Remotes

extension AbCommand {
    /// The machines of --a and --b where ssh reaches them; nil for kernels.
    ///
    /// - Throws: `usage` for one machine and one kernel, for one machine twice, and for options of
    ///   guests beside machines.
    func machines() throws(PlumblineError) -> [SSHAddress]? {
        let areMachines = [a, b].map { $0?.hasPrefix(SSHAddress.scheme) == true }
        try ssh.check(
            isUsed: areMachines.contains(true), option: "--a ssh://HOST --b ssh://HOST")
        guard areMachines.contains(true) else { return nil }
        guard let a, let b, areMachines == [true, true] else {
            throw .usage(
                "--a and --b: a machine over ssh cannot be compared with a kernel in a guest",
                remedy: "give two machines, such as --a ssh://box1 --b ssh://box2, or two kernels")
        }
        let pair = [
            try SSHOptions.address(a, of: "--a"), try SSHOptions.address(b, of: "--b"),
        ]
        guard pair[0].machine != pair[1].machine else {
            throw .usage(
                "--a and --b are the same machine, \(pair[0].machine)",
                remedy: "give two machines; `plumbline toggle --on` compares a knob's values on one"
            )
        }
        let isPlacebo = placebos.comparisons != nil
        if let option = self.pair.optionOfGuests ?? (isPlacebo ? "--comparisons" : nil) {
            throw .usage(
                "\(option) is not supported with machines over ssh", remedy: "leave it out")
        }
        return pair
    }

    /// Compares two machines, each with the kernel that it runs.
    func compare(
        _ machines: [SSHAddress], on console: Console
    ) async throws -> Int32 {
        let common = pair.common
        let isShort = common.slice == nil
        let asked = try pair.cells(of: suite, console)
        let cells = isShort ? asked.withShortSlices() : asked
        let stopping = try pair.stopping(cells, metric: .time)
        let (rounds, margin) = (try pair.boots.count(.time), try pair.comparison.margin())
        func plan(_ a: GuestMachine, _ b: GuestMachine) -> Plan {
            let plan = Plan.ab(
                cells, a: a, b: b, stopping: stopping, equivalence: margin, rounds: rounds,
                seed: common.chosenSeed, arguments: console.arguments)
            return isShort ? plan.withShortSlices() : plan
        }
        try common.refuseDryRun()
        if common.list {
            let named = machines.map { Self.machine($0, agent: .init(executable: "")) }
            console.document(CellList(plan: plan(named[0], named[1])).text)
            return 0
        }
        let measurement = try Measurement(common, suite: cells.name, console)
        defer { measurement.writer.removeIfEmpty() }
        try Interrupts.catch()
        let agent = try common.findAgent(console)
        let report = measurement.report
        let remotes = try machines.map { address throws(PlumblineError) in
            try ssh.agent(on: address, agent: agent, note: { report(.note($0)) })
        }
        var named = machines.map { Self.machine($0, agent: .init(executable: agent)) }
        let settled = try measurement.settle(plan(named[0], named[1]), isComplete: true)
        let outcome = try await measurement.run(settled, over: remotes) {
            for (place, remote) in remotes.enumerated() {
                named[place].agent = remote.configuration
            }
            return GuestPairTarget(
                a: named[0], b: named[1], host: .init(executable: agent), alternates: false,
                schedule: Schedule(settled), isInterrupted: Measurement.isInterrupted,
                report: report)
        }
        let code = try console.printReport(
            StoredJournal(readingFrom: measurement.writer.path), format: format,
            inconclusiveIsOK: pair.comparison.inconclusiveOk, interrupted: outcome.interrupted)
        measurement.printJournal(console)
        return code
    }

    private static func machine(
        _ address: SSHAddress, agent: AgentConfiguration
    ) -> GuestMachine {
        GuestMachine(
            label: address.machine, place: "over ssh", host: address.machine, agent: agent)
    }
}
