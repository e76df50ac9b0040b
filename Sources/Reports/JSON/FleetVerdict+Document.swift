// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Statistics
import Verdicts

extension FleetVerdict {
    /// The document `plumbline.fleet-verdict/1`; what was not measured is absent.
    package var document: JSONObject {
        JSONObject([
            "schema": "plumbline.fleet-verdict/1", "suite": header.suite.name,
            "kind": header.plan.kind.rawValue, "metric": header.metric.rawValue,
            "unit": header.plan.bootsRounds ? "rounds" : "blocks",
            "arms": header.comparison.map { ["A": $0.arms.a.label, "B": $0.arms.b.label] },
            "machines": machines, "machines_to_come": waiting,
            "differences": differences.map { difference in
                JSONObject([
                    "field": difference.field,
                    "values": difference.groups.map {
                        JSONObject(["value": $0.value, "machines": $0.machines])
                    },
                ])
            },
            "cells": cells.map { $0.document(isCompared: header.comparison != nil) },
            "warnings": warnings, "exit_code": exitCode,
        ])
    }
}

extension FleetVerdict.Cell {
    fileprivate func document(isCompared: Bool) -> JSONObject {
        let values = values.map { value in
            JSONObject([
                "machine": value.machine, "effect_percent": value.effect, "units": value.units,
                "figures": value.figures.compactMap { $0 },
                "worker_stalls_per_second": value.workerStalls, "is_far": value.isFar,
                "absence": value.absence,
            ])
        }
        guard isCompared else {
            return JSONObject([
                "name": verdict.plan.name, "metric": verdict.metric.name,
                "figure_unit": figureUnit, "between_machine_sd_percent": rateSpread,
                "machines": values,
            ])
        }
        return JSONObject(
            verdictMembers.merging([
                "name": verdict.plan.name, "metric": verdict.metric.name,
                "figure_unit": figureUnit, "machines": values,
            ]) { $1 })
    }

    private var figureUnit: String {
        switch verdict.metric {
        case .instructions, .own: verdict.metric.unit
        case .bandwidth, .iops: CellMetric.iops.unit
        }
    }

    private var verdictMembers: [String: (any Encodable & Sendable)?] {
        [
            "verdict": verdict.outcome.rawValue, "effect_percent": verdict.effect,
            "interval_percent": verdict.interval.map { [$0.lower, $0.upper] },
            "p_value": verdict.p, "p_adjusted": verdict.adjustedP,
            "machines_counted": verdict.rounds,
            "no_difference_larger_than_percent": verdict.noLargerThan,
            "mde80_percent": verdict.detectable,
            "between_machine_sd_percent": verdict.spread.map { 100 * $0.between },
            "within_machine_sd_percent": verdict.spread?.within.map { 100 * $0 },
            "parts": verdict.parts?.document,
            "tags": verdict.tags, "evidence": verdict.evidence, "failure": verdict.error,
        ]
    }
}
