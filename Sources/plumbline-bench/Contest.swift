// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Two programs that do the same work; each closure runs one once and returns operations a second.
struct Contest {
    typealias Run = () throws(PlumblineError) -> Double

    /// What is compared, such as `pipe/1w1r/64KiB`.
    let name: String
    /// The other program's name.
    let opponent: String
    /// The median ratio this project aims at, such as `≥ 0.99`.
    let aim: String
    let ours: Run
    let theirs: Run
}

/// The rates of one pair, operations a second.
struct Pair {
    let ours: Double
    let theirs: Double
    var ratio: Double { ours / theirs }
}

/// Prints ratios, a line a contest.
enum RatioTable {
    static let heading =
        pad("work", 34) + pad("against", 10) + pad("ours/s", 9) + pad("theirs/s", 10)
        + "median ratio (quartiles) aim"

    static func row(_ contest: Contest, _ pairs: [Pair]) -> String {
        let ratios = pairs.map(\.ratio).sorted()
        func fixed(_ value: Double) -> String { Decimal.fixed(value, 3) }
        return pad(contest.name, 34) + pad(contest.opponent, 10)
            + pad(Decimal.rate(quantile(pairs.map(\.ours).sorted(), 0.5)), 9)
            + pad(Decimal.rate(quantile(pairs.map(\.theirs).sorted(), 0.5)), 10)
            + "\(fixed(quantile(ratios, 0.5))) (\(fixed(quantile(ratios, 0.25)))–"
            + "\(fixed(quantile(ratios, 0.75)))) \(contest.aim)"
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
