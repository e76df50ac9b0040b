// SPDX-License-Identifier: GPL-3.0-or-later

import Statistics

extension CellVerdict {
    /// Names of evidence on two machines that swap kernels: by how many percent the second is
    /// faster than the first with equal kernels, with the ends of its interval at 95 %.
    package static let machineDifference = [
        "machine_difference_percent", "machine_difference_low_percent",
        "machine_difference_high_percent",
    ]
    private static let crossoverRounds = "crossover_rounds"

    /// Notes what two machines differ by themselves.
    ///
    /// - Parameter effects: log ratios of the second machine to the first, one a round.
    mutating func noteMachines(_ effects: [Double]) {
        guard !effects.isEmpty else { return }
        evidence[Self.crossoverRounds] = Double(effects.count)
        guard let test = try? StudentT(effects), let interval = try? test.interval() else { return }
        let values = [test.estimate, interval.lower, interval.upper]
        for (name, value) in zip(Self.machineDifference, values) {
            evidence[name] = Percent.change(ofLogRatio: value)
        }
    }

    /// Whether kernels were not swapped in each round, so that the machines' difference may be in
    /// the effect.
    var lacksCrossover: Bool { evidence[Self.crossoverRounds] ?? 0 < Double(rounds) }
}
