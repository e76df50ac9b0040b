// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Verdicts

/// Rounds of boots that do not count, because a machine was lost in them or unfit.
enum VoidRounds {
    /// `3 void rounds (1 lost A, 2 lost B)`; nil without one.
    static func text(_ counts: [(name: String, count: Int)]) -> String? {
        let lost = counts.filter { $0.count > 0 }
        guard let first = lost.first else { return nil }
        let total = lost.reduce(0) { $0 + $1.count }
        let names =
            lost.count == 1
            ? "lost \(first.name)"
            : lost.map { "\($0.count) lost \($0.name)" }.joined(separator: ", ")
        return "\(Decimal.count(total, "void round")) (\(names))"
    }
}

extension VerdictReport {
    /// `2 void rounds (lost B)`; nil without one.
    var voidRoundText: String? {
        VoidRounds.text(
            Arm.allCases.map { arm in
                let rounds = Set(voidRounds.filter { $0.arm == arm }.map(\.round))
                return (name: arm.rawValue, count: rounds.count)
            })
    }
}

extension JournalComparison {
    /// `2 void rounds (lost in B)`; nil without one.
    var voidRoundText: String? {
        VoidRounds.text(
            zip(["in A's journals", "in B's journals"], voidRounds).map {
                (name: $0, count: $1)
            })
    }
}
