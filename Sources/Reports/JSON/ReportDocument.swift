// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Statistics
import Verdicts

/// The parts of the document `plumbline.report/1`; what was not measured is absent.
enum ReportDocument {
    static let schemaName = "plumbline.report/1"

    static func make(
        _ experiment: JSONObject, cells: [JSONObject], summary: JSONObject? = nil,
        notShown: Int = 0, peers: [PeerGroup] = [], calibration: CalibrationRecord? = nil,
        tracing: TracingTime? = nil, exitCode: Int32
    ) -> JSONObject {
        JSONObject([
            "schema": schemaName, "experiment": experiment, "cells": cells, "summary": summary,
            "cells_not_shown": notShown > 0 ? notShown : nil,
            "peers": peers.isEmpty ? nil : peers.map(\.document), "calibration": calibration,
            "tracing": tracing?.document, "exit_code": exitCode,
        ])
    }

    static func experiment(
        _ header: JournalHeader, id: String? = nil, kind: String? = nil, metric: Metric,
        arms: [String: JSONObject], lostRounds: [RoundVoid] = []
    ) -> JSONObject {
        JSONObject([
            "id": id ?? header.id, "kind": kind ?? header.plan.kind.rawValue,
            "suite": header.suite.name, "seed": header.seed, "metric": metric.rawValue,
            "arms": arms, "lost_rounds": lostRounds.isEmpty ? nil : lostRounds,
        ])
    }

    /// One arm: what it is, and on which kernel and machine it ran.
    static func kernel(
        _ label: String, on host: Hello, target: String? = nil, address: String? = nil,
        deviations: [String]? = nil, layouts: Int? = nil
    ) -> JSONObject {
        JSONObject([
            "label": label, "kernel_release": host.kernelRelease, "build_id": host.buildID,
            "init_on_alloc": host.initOnAlloc,
            "cpus": host.cpus, "memory_bytes": host.memory,
            "target": target ?? (address == nil ? "local" : "ssh"), "host": address,
            "deviations": deviations, "layouts": layouts,
        ])
    }

    /// One cell, with what a comparison says of it besides.
    static func cell(
        _ plan: CellPlan, _ metric: CellMetric, arms: [String: JSONObject],
        told: [ToldMetric] = [], failure: PlumblineError?,
        verdict: [String: (any Encodable & Sendable)?] = [:]
    ) -> JSONObject {
        let members: [String: (any Encodable & Sendable)?] = [
            "name": plan.name, "peer": plan.peer, "metric": metric.name, "unit": metric.unit,
            "arms": arms,
            "workload": plan.settings.merging(["kind": .text(plan.workload)]) { $1 },
            "pressure": plan.pressureSettings.merging(["kind": .text(plan.pressure)]) { $1 },
            "better": metric.own.map { _ in metric.better },
            "told": told.isEmpty ? nil : told.map(\.document),
            "failure": failure,
        ]
        return JSONObject(members.merging(verdict) { $1 })
    }

    /// One arm of a cell, over the slices that count; a pipe has latencies of two kinds.
    static func arm(
        rate: Double?, bandwidth: Double?, instructions: Double?, value: Double? = nil,
        latencies: [(track: String, record: LatencyRecord?)], slices: Int, voids: [String: Int]
    ) -> JSONObject {
        let reads = latencies.count > 1 ? latencies.first { $0.track == "read" } : nil
        return JSONObject([
            "rate_per_second": rate, "bytes_per_second": bandwidth,
            "instructions_per_operation": instructions, "value": value,
            "latency_ns": latencies.first?.record.map(latency),
            "reader_latency_ns": reads?.record.map(latency), "slices": slices, "voids": voids,
        ])
    }

    private static func latency(_ record: LatencyRecord) -> JSONObject {
        JSONObject([
            "mean": record.mean, "p50": record.p50, "p90": record.p90, "p99": record.p99,
            "p99_9": record.p99_9, "max": record.max, "closed_loop": record.closedLoop,
        ])
    }
}

extension RunReport {
    package var document: JSONObject {
        let header = journal.header
        let target = header.guest.map { "guest \($0.machine) \($0.accelerator)" }
        let kernel = ReportDocument.kernel(
            header.host.kernelRelease, on: header.host, target: target,
            address: header.plan.host)
        let cells = cells.map { cell in
            let arm = ReportDocument.arm(
                rate: cell.operationRate?.median, bandwidth: cell.bandwidth?.median,
                instructions: cell.instructions?.median, value: cell.value?.median,
                latencies: cell.tracks.map { ($0.name, $0.latency) }, slices: cell.valid,
                voids: cell.voids)
            return ReportDocument.cell(
                cell.plan, header.metric != .time ? .instructions : cell.metric,
                arms: ["A": arm], told: cell.told, failure: cell.failure?.error)
        }
        return ReportDocument.make(
            ReportDocument.experiment(header, metric: header.metric, arms: ["A": kernel]),
            cells: cells, exitCode: exitCode)
    }
}

extension VerdictReport {
    package var document: JSONObject {
        func kernel(_ name: Arm, _ arm: ComparisonRecord.Arm) -> JSONObject {
            ReportDocument.kernel(
                arm.label, on: host(name), target: arm.target,
                address: arm.host ?? header.plan.host, deviations: arm.deviations,
                layouts: comparison.relinks.map { _ in layouts(name) })
        }
        let arms = ["A": kernel(.a, comparison.arms.a), "B": kernel(.b, comparison.arms.b)]
        return ReportDocument.make(
            ReportDocument.experiment(
                header, metric: header.metric, arms: arms, lostRounds: voidRounds),
            cells: cells.map(\.document), summary: cells.summary, notShown: leftOut.count,
            peers: peers, calibration: calibration, tracing: tracing, exitCode: exitCode)
    }
}

extension JournalComparison {
    package var document: JSONObject {
        func kernel(_ header: JournalHeader) -> JSONObject {
            let label = header.comparison.map { "\($0.arms.b.label) vs \($0.arms.a.label)" }
            return ReportDocument.kernel(
                label ?? header.host.kernelRelease, on: header.host, address: header.plan.host)
        }
        let experiment = ReportDocument.experiment(
            a, id: "\(a.id)..\(b.id)", kind: "compare", metric: a.metric,
            arms: ["A": kernel(a), "B": kernel(b)])
        return ReportDocument.make(
            experiment, cells: cells.map(\.document), summary: cells.summary, exitCode: exitCode)
    }
}

extension ToldMetric {
    fileprivate var document: JSONObject {
        JSONObject([
            "name": metric.name, "unit": metric.unit.text,
            "better": hasDirection ? metric.isLowerBetter ? "lower" : "higher" : nil,
            "A": means.first ?? nil, "B": means.count > 1 ? means[1] : nil,
            "change_percent": change,
        ])
    }
}

extension [CellVerdict] {
    /// How many cells have each verdict.
    fileprivate var summary: JSONObject {
        JSONObject(
            Dictionary(
                uniqueKeysWithValues: Verdict.Outcome.allCases.map { outcome in
                    (outcome.rawValue, count { $0.outcome == outcome })
                }))
    }
}

extension CellVerdict {
    fileprivate var document: JSONObject {
        let arms = arms.map { arm in
            ReportDocument.arm(
                rate: arm.total.rate, bandwidth: arm.total.bandwidth,
                instructions: metric == .instructions ? figure(arm) : nil,
                value: metric.own.flatMap { _ in figure(arm) },
                latencies: arm.latencies.map { ($0.track, $0.record) }, slices: arm.total.valid,
                voids: arm.total.reasons)
        }
        return ReportDocument.cell(
            plan, metric, arms: ["A": arms[0], "B": arms[1]], told: told, failure: error,
            verdict: [
                "effect_percent": effect,
                "interval_percent": interval.map { [$0.lower, $0.upper] },
                "confidence": interval?.confidence, "p_value": p, "p_adjusted": adjustedP,
                "blocks": blocks, "rounds": rounds, "verdict": outcome.rawValue,
                "no_difference_larger_than_percent": noLargerThan, "mde80_percent": detectable,
                "between_boot_sd_percent": spread.map { 100 * $0.between },
                "within_boot_sd_percent": spread?.within.map { 100 * $0 },
                "tags": tags, "evidence": evidence, "claim": claim?.document,
                "mechanism": mechanism?.document,
                "worker_pressure": workerPressure?.rawValue,
                "parts": parts?.document,
                "tails": tails.isEmpty ? nil : tails.map(\.document),
            ].merging(neededMembers) { $1 })
    }

    private var neededMembers: [String: (any Encodable & Sendable)?] {
        switch needed {
        case nil: [:]
        case .blocks(let blocks): ["blocks_needed": blocks]
        case .rounds(let rounds): ["rounds_needed": rounds]
        case .roundBlocks(let blocks): ["round_blocks_needed": blocks]
        }
    }
}
