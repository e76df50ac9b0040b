// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

/// A run's journal as the document `plumbline.report/1`; what was not measured is absent.
public struct ReportDocument: Encodable, Sendable {
    /// The document's schema.
    public static let schemaName = "plumbline.report/1"

    private struct Experiment: Encodable {
        var id: String
        var kind: String
        var suite: String
        var seed: UInt64
        var lens: String
        var arms: [String: Host]
    }

    private struct Host: Encodable {
        var label: String
        var kernelRelease: String
        var buildID: String?
        var cpus: Int
        var memory: UInt64
        var target: String

        enum CodingKeys: String, CodingKey {
            case label
            case kernelRelease = "kernel_release"
            case buildID = "build_id"
            case cpus
            case memory = "memory_bytes"
            case target
        }
    }

    private struct Cell: Encodable {
        var name: String
        var workload: [String: SettingValue]
        var pressure: [String: SettingValue]
        var metric: String
        var unit: String
        var arms: [String: Arm]
        var failure: PlumblineError?
    }

    private struct Arm: Encodable {
        var operationRate: Double?
        var bandwidth: Double?
        var instructions: Double?
        var latency: Latency?
        var readerLatency: Latency?
        var slices: Int
        var voids: [String: Int]

        enum CodingKeys: String, CodingKey {
            case operationRate = "rate_per_second"
            case bandwidth = "bytes_per_second"
            case instructions = "instructions_per_operation"
            case latency = "latency_ns"
            case readerLatency = "reader_latency_ns"
            case slices, voids
        }
    }

    private struct Latency: Encodable {
        var mean: Double
        var p50, p90, p99, p99_9, max: UInt64
        var closedLoop: Bool

        enum CodingKeys: String, CodingKey {
            case mean, p50, p90, p99, p99_9, max
            case closedLoop = "closed_loop"
        }

        init(_ record: LatencyRecord) {
            mean = record.mean
            p50 = record.p50
            p90 = record.p90
            p99 = record.p99
            p99_9 = record.p99_9
            max = record.max
            closedLoop = record.closedLoop
        }
    }

    private let schema = ReportDocument.schemaName
    private let experiment: Experiment
    private let cells: [Cell]
    private let exitCode: Int32

    private enum CodingKeys: String, CodingKey {
        case schema, experiment, cells
        case exitCode = "exit_code"
    }

    /// The document of a journal, with the command's exit code.
    public init(_ journal: StoredJournal, exitCode: Int32) {
        let header = journal.header
        experiment = Experiment(
            id: header.id, kind: header.plan.kind.rawValue,
            suite: header.suite.name, seed: header.seed,
            lens: header.lens.rawValue,
            arms: [
                "A": Host(
                    label: header.host.kernelRelease, kernelRelease: header.host.kernelRelease,
                    buildID: header.host.buildID, cpus: header.host.cpus,
                    memory: header.host.memory,
                    target: header.guest.map { "guest \($0.machine) \($0.accelerator)" } ?? "local")
            ])
        cells = header.suite.cells.map { Self.cell(CellSummary($0, in: journal), header.lens) }
        self.exitCode = exitCode
    }

    private static func cell(_ cell: CellSummary, _ lens: Lens) -> Cell {
        let metric = lens == .instructions ? .instructions : cell.metric
        let writes = cell.tracks.first?.latency
        let reads = cell.tracks.count > 1 ? cell.tracks.first { $0.name == "read" }?.latency : nil
        return Cell(
            name: cell.plan.name,
            workload: cell.plan.settings.merging(["kind": .text(cell.plan.workload)]) { $1 },
            pressure: cell.plan.pressureSettings.merging(["kind": .text(cell.plan.pressure)]) {
                $1
            },
            metric: metric.name, unit: metric.unit,
            arms: [
                "A": Arm(
                    operationRate: cell.operationRate?.median,
                    bandwidth: cell.bandwidth?.median,
                    instructions: cell.instructions?.median,
                    latency: writes.map(Latency.init),
                    readerLatency: reads.map(Latency.init), slices: cell.valid,
                    voids: cell.voids)
            ],
            failure: cell.failure?.error)
    }
}
