// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Protocol

extension PrepareOrder {
    /// Tells of all cells whose workers are resident at a time: a pressure leaves room for their
    /// buffers, and its hogs keep off their workers' CPUs.
    ///
    /// - Parameter cells: this one and the other arm's, where both run on one machine.
    mutating func makeRoom(for cells: [CellPlan]) {
        let workloads = cells.compactMap { (try? CellDescription($0))?.workload }
        residents = cells.count
        bufferBytes = workloads.reduce(0) { $0 + $1.bufferBytes }
        workers = workloads.map(\.layout.count).max()
        let cpus = CPUSet(workloads.flatMap { $0.placements.flatMap { $0.cpus?.cpus ?? [] } })
        workerCPUs = cpus.isEmpty ? nil : "\(cpus)"
    }
}
