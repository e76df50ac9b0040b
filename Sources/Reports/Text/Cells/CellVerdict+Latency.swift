// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Journal
import Protocol
import Verdicts

extension CellVerdict {
    /// The quantiles of a latency that reports show.
    static var quantiles: [(name: String, quantile: Double, figure: KeyPath<LatencyRecord, UInt64>)]
    {
        [("p50", 0.5, \.p50), ("p99", 0.99, \.p99), ("p99.9", 0.999, \.p99_9)]
    }

    /// `121.0 of 128 requests in flight`; nil without a queue.
    var inFlightText: String? {
        guard let (mean, most) = inFlight else { return nil }
        return plan.completesInline(mean)
            ? "requests complete inline" : "\(Decimal.fixed(mean, 1)) of \(most) requests in flight"
    }

    /// Adds a row for each quantile of a latency; a change is told of one that has an interval.
    func addLatencies(to table: inout TextTable) {
        for (a, b) in zip(arms[0].latencies, arms[1].latencies) {
            for (name, quantile, figure) in Self.quantiles {
                let times = [a, b].map {
                    Decimal.time(nanoseconds: Double($0.record[keyPath: figure]))
                }
                let change = tails.first { $0.track == a.track && $0.quantile == quantile }
                table.add(
                    .left("\(a.track) \(name) \(times[0])", .faint), .left(times[1], .faint),
                    .left(change?.text ?? "", .faint))
            }
        }
    }
}

extension CellPlan {
    /// Whether none of the requests is ever in flight, because each completes before submitting it
    /// returns.
    ///
    /// - Parameter inFlight: how many were in flight on average.
    func completesInline(_ inFlight: Double) -> Bool {
        inFlight < 0.05 && (try? CellDescription(self))?.workload.completion == .inline
    }
}

extension TailChange {
    /// `+12.3% [+5.10, +20.0]`; the change is `~` where no difference is shown.
    var text: String {
        "\(showsDifference ? Change.signed(percent) : "~") \(Change.interval(interval))"
    }
}
