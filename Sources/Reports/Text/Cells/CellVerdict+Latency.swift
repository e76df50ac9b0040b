// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Verdicts

extension CellVerdict {
    /// The quantiles of a latency that reports show.
    static var quantiles: [(name: String, quantile: Double, figure: KeyPath<LatencyRecord, UInt64>)]
    {
        [("p50", 0.5, \.p50), ("p99", 0.99, \.p99), ("p99.9", 0.999, \.p99_9)]
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

extension TailChange {
    /// `+12.3% [+5.10, +20.0]`; the change is `~` where no difference is shown.
    var text: String {
        "\(showsDifference ? Change.signed(percent) : "~") \(Change.interval(interval))"
    }
}
