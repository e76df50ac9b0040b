// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

extension FleetDirectory {
    /// Submits all tasks of a plan as one job array, each to its machine where machines are named.
    ///
    /// The plan is kept before Slurm is asked and after it answered. Where Slurm refuses, and after
    /// a signal that `Interrupts` caught, the job and the directory are removed.
    ///
    /// - Parameter program: the absolute path of plumbline, on each machine.
    /// - Returns: the job's id.
    /// - Throws: `failure` with what Slurm said; `interrupted`.
    package func submit(
        _ plan: FleetPlan, program: String, to slurm: Slurm
    ) throws(PlumblineError) -> Int {
        var plan = plan
        let numbers = Array(0..<plan.machines)
        plan.submissions = [.init(tasks: numbers, at: Clock.realtimeNanoseconds())]
        try save(plan)
        do {
            try Self.refuseInterrupted()
            let taken = try slurm.submit(
                plan.request.arguments(
                    .init(numbers, isHeld: plan.machineNames != nil), name: plan.name,
                    program: program, fleet: path))
            plan.submissions[0].job = taken
            try save(plan)
            for (task, name) in (plan.machineNames ?? []).enumerated() {
                try Self.refuseInterrupted()
                try slurm.pin(task: task, of: taken, to: name)
            }
            try Self.refuseInterrupted()
            if plan.machineNames != nil { try slurm.release(taken) }
            return taken
        } catch {
            // By the name: Slurm may have taken a job whose id sbatch could not say.
            let isCancelled = (try? slurm.cancel(named: plan.name)) != nil
            remove(tasks: plan.machines)
            try Self.refuseInterrupted(remedy: isCancelled ? "" : "scancel --name=\(plan.name)")
            throw error
        }
    }

    /// - Parameter remedy: what is left to be done.
    private static func refuseInterrupted(remedy: String = "") throws(PlumblineError) {
        guard Interrupts.pending == nil else {
            throw PlumblineError(.interrupted, "interrupted", remedy: remedy)
        }
    }

    /// Submits a lost task once more: on its own machine, whose journal it goes on with, or, where
    /// that one failed, on any that no other task has taken.
    ///
    /// That it was submitted again is kept before Slurm is asked, so that it happens once only.
    ///
    /// - Throws: `failure` when the plan cannot be kept; what Slurm refuses stands in the plan.
    package func submit(
        again task: TaskStatus, of plan: inout FleetPlan, program: String, to slurm: Slurm
    ) throws(PlumblineError) {
        let node = plan.machineNames?[task.number] ?? (task.mayMove ? nil : task.machine)
        plan.submissions.append(
            .init(
                tasks: [task.number], reason: task.message ?? task.slurm ?? "lost",
                at: Clock.realtimeNanoseconds()))
        try save(plan)
        let last = plan.submissions.count - 1
        do {
            plan.submissions[last].job = try slurm.submit(
                plan.request.arguments(
                    .init(
                        [task.number], node: node,
                        excluded: node == nil ? machines(takenByOthersThan: task.number) : []),
                    name: plan.name, program: program, fleet: path))
        } catch {
            plan.submissions[last].error = error.message
        }
        try save(plan)
    }

    /// Removes a fleet of which nothing was submitted.
    private func remove(tasks: Int) {
        for task in 0..<tasks { try? SystemFile.removeDirectory("\(path)/\(task)") }
        for name in (try? SystemFile.list(path)) ?? [] { try? SystemFile.unlink("\(path)/\(name)") }
        try? SystemFile.removeDirectory("\(path)/\(Self.machines)")
        try? SystemFile.removeDirectory(path)
    }
}
