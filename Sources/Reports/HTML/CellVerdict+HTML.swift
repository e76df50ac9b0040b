// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Verdicts

extension CellVerdict {
    /// A row for each quantile of a latency; a change is told of one that has an interval.
    var measuredLatencies: [PageContext] {
        zip(arms[0].latencies, arms[1].latencies).flatMap { a, b in
            Self.quantiles.map { name, quantile, figure in
                let times = [a, b].map {
                    Decimal.time(nanoseconds: Double($0.record[keyPath: figure]))
                }
                let change = tails.first { $0.track == a.track && $0.quantile == quantile }
                return [
                    "name": "\(a.track) \(name)", "a": times[0], "b": times[1],
                    "change": change?.text ?? "",
                ]
            }
        }
    }

    /// A row for each metric of a foreign program that is told beside the one that is judged.
    var toldRows: [PageContext] {
        told.map { one in
            let means = one.means.map { $0.map(one.metric.text) ?? "-" }
            return [
                "name": "told: \(one.metric.name)", "a": means[0], "b": means[1],
                "change": one.change.map { Change.signed($0) } ?? "",
            ]
        }
    }

    /// What the kernels of both arms counted, and how many slices do.
    var evidenceRows: [PageContext] {
        let totals = arms.map(\.total)
        func row(_ name: String, _ values: [String?]) -> PageContext? {
            guard values.contains(where: { $0 != nil }) else { return nil }
            return ["name": name, "a": values[0] ?? "-", "b": values[1] ?? "-"]
        }
        let rows = [
            row("slices that count", totals.map { "\($0.valid)" }),
            row("void slices", totals.map { "\($0.void)" }),
            row(
                "direct reclaim by workers",
                totals.map { $0.workerStallRate.map { "\(Decimal.rate($0))/s" } }),
            row(
                "time of it",
                totals.map { $0.workerStallShare.map { "\(Decimal.fixed($0, 1)) ms/s" } }),
            row("reclaim stalls", totals.map { $0.stallRate.map { "\(Decimal.rate($0))/s" } }),
            row(
                "reclaim for requests",
                totals.map { $0.requestReclaimRate.map { "\(Decimal.rate($0))/s" } }),
        ]
        let counted = counters.map { counter -> PageContext in
            [
                "name": "\(counter.source) \(counter.name)", "a": counter.text(0),
                "b": counter.text(1),
            ]
        }
        return rows.compactMap { $0 } + counted
    }
}

extension CounterRates {
    /// `1.42K/s`; of a time `38.2 ms/s`.
    fileprivate func text(_ arm: Int) -> String {
        let rate = rates[arm]
        let units = [("_ns", 1e6), ("_us", 1e3), ("_some", 1e3), ("_full", 1e3)]
        guard let unit = units.first(where: { name.hasSuffix($0.0) }) else {
            return "\(Decimal.rate(rate))/s"
        }
        return "\(Decimal.significant(rate / unit.1, 3)) ms/s"
    }
}

extension CellPlan {
    /// `pipe: msgsize=65536; memcg: limit=64m`: what was given, defaults left out.
    var settingsText: String {
        func text(_ name: String, _ settings: [String: SettingValue]) -> String {
            let list = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }
            return ([name + (list.isEmpty ? "" : ":")] + list).joined(separator: " ")
        }
        let own = text(workload, settings)
        return hasPressure ? "\(own); \(text(pressure, pressureSettings))" : own
    }
}
