// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol
import Statistics

/// A cell's slices sorted into those that count and those that do not.
protocol VoidTally {
    /// Each arm's slices.
    var arms: ArmTotals { get }
    /// An example of each void's reason in words.
    var details: [String: String] { get }
    /// Why no slice counts; `nil` where some do, or where there is none.
    var allVoid: PlumblineError? { get }
}

extension VoidTally {
    /// How void slices fell on the arms; `nil` without any.
    var balance: VoidBalance? {
        let (a, b) = (arms[.a], arms[.b])
        guard a.void + b.void > 0 else { return nil }
        return try? VoidBalance(
            a: (void: a.void, good: a.valid), b: (void: b.void, good: b.valid))
    }

    /// Whether data came back other than they were written.
    var isCorrupted: Bool { details[Validity.Reason.corruption.rawValue] != nil }
}

extension CellVerdict {
    /// Makes a cell invalid whose voids say more than its figures.
    mutating func checkVoids(_ tally: some VoidTally) {
        if tally.isCorrupted {
            let detail = tally.details[Validity.Reason.corruption.rawValue] ?? ""
            invalidate(
                .failure(
                    "data came back other than they were written: \(detail)",
                    remedy: "the kernel or the storage corrupts data: that comes before its speed"),
                tag: "corruption")
        } else if let balance = tally.balance, balance.isUneven {
            let void = arms.map(\.total.void)
            invalidate(
                .failure(
                    "void slices fell on the arms unevenly: A \(void[0]), B \(void[1]) "
                        + "(Fisher's p \(Decimal.fixed(balance.p, 3)))",
                    remedy: "what makes them void depends on the arm; see the reasons"),
                tag: "uneven-voids")
        } else if let error = tally.allVoid {
            invalidate(error, tag: "all-void")
        }
    }
}
