// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

extension RunReport {
    package var document: ReportDocument {
        let header = journal.header
        let target = header.guest.map { "guest \($0.machine) \($0.accelerator)" }
        return ReportDocument(
            experiment: .init(
                id: header.experiment.id, kind: header.experiment.kind.rawValue,
                suite: header.suite.name, seed: header.seed, lens: header.lens.rawValue,
                arms: ["A": .init(header.host.kernelRelease, on: header.host, target: target)]),
            cells: cells.map { cell in
                ReportDocument.Cell(
                    cell.plan, header.lens == .instructions ? .instructions : cell.metric,
                    arms: ["A": .init(cell)], failure: cell.failure?.error)
            }, exitCode: exitCode)
    }
}

extension ReportDocument.Arm {
    fileprivate init(_ cell: CellSummary) {
        let reads = cell.tracks.count > 1 ? cell.tracks.first { $0.name == "read" } : nil
        self.init(
            operationRate: cell.operationRate?.median, bandwidth: cell.bandwidth?.median,
            instructions: cell.instructions?.median,
            latency: cell.tracks.first?.latency.map(ReportDocument.Latency.init),
            readerLatency: reads?.latency.map(ReportDocument.Latency.init),
            slices: cell.valid, voids: cell.voids)
    }
}
