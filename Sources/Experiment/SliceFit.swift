// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// How long slices must be for enough operations to fit into one.
struct SliceFit {
    /// Lengths to choose from, nanoseconds.
    private static let lengths = [1, 2, 5].flatMap { step in
        [10_000_000, 100_000_000, 1_000_000_000].map { step * $0 }
    }.sorted()
    /// Longer slices would be worse than few operations.
    private static let longest = 5_000_000_000

    /// The length to go on with, nanoseconds.
    let length: Int
    /// Whether the warm-up must be made anew, because nothing completed.
    let isUnknown: Bool

    /// Judges a warm-up block.
    ///
    /// - Parameters:
    ///   - length: of its slices, nanoseconds.
    ///   - least: operations that a slice must hold; nil when the user chose the length.
    /// - Returns: nil when the length is right.
    /// - Throws: `usage` when no operation completes and no length to try is left.
    init?(
        _ slices: [SliceRecord], length: Int, least: Int?
    ) throws(PlumblineError) {
        guard !slices.isEmpty else { return nil }
        let operations = slices.reduce(0) { $0 + Double($1.operations) } / Double(slices.count)
        if operations == 0 {
            // What failed has its own words.
            let harmless: Set = [
                Validity.Reason.empty.rawValue, Validity.Reason.unpressured.rawValue,
            ]
            guard slices.allSatisfy({ harmless.isSuperset(of: $0.validity.reasons.keys) }) else {
                return nil
            }
            guard least != nil, length < Self.longest else {
                let longer = Decimal.time(nanoseconds: Double(min(20 * length, Self.longest)))
                throw .usage(
                    "no operation completes within a slice of "
                        + Decimal.time(nanoseconds: Double(length)),
                    remedy: "give a longer one, such as --slice \(longer)")
            }
            isUnknown = true
            self.length = Self.round(10 * Double(length))
            return
        }
        guard let least, operations < Double(least) else { return nil }
        isUnknown = false
        self.length = Self.round(Double(length) * Double(least) / operations)
        if self.length <= length { return nil }
    }

    private static func round(_ length: Double) -> Int {
        lengths.first { Double($0) >= length } ?? longest
    }
}
