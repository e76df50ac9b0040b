// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal

/// The layouts that the arms' kernels had in each round of boots.
struct RoundLayouts {
    /// So many layouts of each kernel vary with the rounds; with fewer, two images differ by them.
    static let least = 3

    private var layouts: [Arm: [Int: Int]] = [:]

    /// Those of a journal's rounds.
    init(_ rounds: [RoundRecord]) {
        for round in rounds {
            for (arm, layout) in round.layouts ?? [:] {
                layouts[arm, default: [:]][round.round] = layout
            }
        }
    }

    /// How many layouts an arm's kernel had in these rounds.
    func count(_ arm: Arm, in rounds: some Collection<Int>) -> Int {
        Set(rounds.compactMap { layouts[arm]?[$0] }).count
    }

    /// Whether an arm's kernel had one layout in two of these rounds, each of which is given once.
    func areRepeated(in rounds: some Collection<Int>) -> Bool {
        Arm.allCases.contains { arm in
            count(arm, in: rounds) < rounds.count { layouts[arm]?[$0] != nil }
        }
    }

    /// Whether both kernels had enough layouts in these rounds.
    func vary(in rounds: [Int]) -> Bool {
        Arm.allCases.allSatisfy { count($0, in: rounds) >= Self.least }
    }
}
