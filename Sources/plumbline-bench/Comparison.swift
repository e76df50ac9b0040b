// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Two programs that do the same work.
struct Comparison {
    /// Runs a program once and returns operations a second.
    typealias Run = () throws(PlumblineError) -> Double

    /// The work, such as `pipe/1w1r/64KiB`.
    let name: String
    /// The other program's name.
    let other: String
    /// The median ratio that this project aims at, such as `≥ 0.99`.
    let goal: String
    let ours: Run
    let theirs: Run

    static let heading =
        pad("work", 34) + pad("against", 10) + pad("ours/s", 9) + pad("theirs/s", 10)
        + "median ratio (quartiles) goal"

    /// Runs pairs in random order, and returns a line with the rates and their ratio.
    func line(pairs: Int) throws(PlumblineError) -> String {
        var rates: [(ours: Double, theirs: Double)] = []
        // The first pair is not recorded: it fills caches and lays out files.
        for round in 0...pairs {
            let oursFirst = Bool.random()
            let first = try (oursFirst ? ours : theirs)()
            let second = try (oursFirst ? theirs : ours)()
            if Interrupts.pending != nil { throw PlumblineError(.interrupted, "interrupted") }
            guard round > 0 else { continue }
            rates.append(oursFirst ? (first, second) : (second, first))
        }
        func quantile(_ values: [Double], _ fraction: Double = 0.5) -> Double {
            Self.quantile(values.sorted(), fraction)
        }
        let ratios = rates.map { $0.ours / $0.theirs }
        let quartiles = [0.25, 0.75].map { Decimal.fixed(quantile(ratios, $0), 3) }
        return Self.pad(name, 34) + Self.pad(other, 10)
            + Self.pad(Decimal.rate(quantile(rates.map(\.ours))), 9)
            + Self.pad(Decimal.rate(quantile(rates.map(\.theirs))), 10)
            + "\(Decimal.fixed(quantile(ratios), 3)) (\(quartiles.joined(separator: "–"))) "
            + goal
    }

    /// Linear interpolation between the order statistics (Hyndman and Fan's type 7).
    static func quantile(_ sorted: [Double], _ fraction: Double) -> Double {
        let place = fraction * Double(sorted.count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
