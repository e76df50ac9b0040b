// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Fleet
import Linux
import Machine

extension Bench {
    /// A line with the cost of `plumbline fleet collect` of many machines' journals: their size,
    /// the median time, and the most resident memory.
    static func fleetCost(_ programs: Programs) throws(PlumblineError) -> String {
        let (machines, slices, starts) = (64, 5_000, 3)
        let path = "\(DataDirectory.standard)/plumbline-bench-fleet-\(ChildProcess.currentID)"
        let fleet = try FleetDirectory(making: path, machines: machines)
        defer { _ = try? Command.run(["rm", "-rf", fleet.path]) }
        var plan = FleetPlan(
            name: "bench", command: ["toggle", "bench"], machines: machines, seed: 1,
            request: SlurmRequest(directory: "/"))
        plan.submissions = [.init(tasks: Array(0..<machines), job: 1, at: 1)]
        try fleet.save(plan)
        let sample = try LongJournal(programs, cells: 10, rounds: nil, blocks: slices / 40)
        defer { sample.remove() }
        var bytes = 0
        for task in 0..<machines {
            var journal = try sample.sibling(at: fleet.journal(of: task), seed: UInt64(task))
            try journal.add(blocks: slices / 40)
            bytes += journal.bytes
            var record = TaskRecord(job: 1, machine: "n\(task)", startedAt: 1)
            record.exit = 0
            try fleet.save(record, of: task)
        }
        let cost = try Programs.cost(
            of: [programs.plumbline, "fleet", "collect", fleet.path], starts: starts,
            codes: [0, 3, 4])
        return
            "fleet: \(machines) synthetic journals of \(slices) slices (\(bytes / 1_000_000) MB) in "
            + "\(Decimal.time(nanoseconds: cost.time)) and \(cost.resident / 1_000_000) MB "
            + "(median of \(starts); goal: 5 s)"
    }
}
