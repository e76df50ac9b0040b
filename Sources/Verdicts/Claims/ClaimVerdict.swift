// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Statistics

/// A published claim on a cell, and how what was measured stands to it.
public struct ClaimVerdict: Sendable, Equatable {
    /// How a measurement stands to a figure.
    public enum Standing: String, Sendable, CaseIterable {
        /// The interval lies within the claim, give or take its tolerance or the margin.
        case reproduced
        /// The interval and the claim overlap, and no change is excluded.
        case compatible
        /// The interval excludes the claim on the side of no change.
        case smaller
        /// The interval excludes the claim on the far side.
        case larger
        /// Neither is shown.
        case cannotTell = "cannot-tell"
        /// The experiment did not run the set-up, and nothing is said of the size.
        case notTheSetUp = "not-the-set-up"
    }

    /// What is said where nothing but emulation differs from the set-up.
    public enum Direction: String, Sendable {
        /// A difference is shown, in the claimed direction.
        case same
        /// A difference is shown, in the other direction.
        case opposite
        /// No difference is shown.
        case notShown = "not-shown"
    }

    /// One figure's answer.
    public struct FigureVerdict: Sendable, Equatable {
        /// The figure.
        public let figure: ClaimRecord.Figure
        /// How the measurement stands to it.
        public internal(set) var standing: Standing
        /// Only where nothing but emulation differs from the set-up; nil where the figure was not
        /// judged.
        public internal(set) var direction: Direction?
        /// Why nothing can be told.
        public internal(set) var reason: String?
        /// The interval that covers over all claims judged: percent; for reclaims, events a second
        /// more in B than in A.
        public internal(set) var interval: Interval?
        /// The p of no difference, adjusted for all claims judged.
        public internal(set) var adjustedP: Double?
    }

    /// The claim.
    public let claim: ClaimRecord
    /// What of the set-up this experiment did not run, in words.
    public let differs: [String]
    /// The figures, in the claim's order.
    public internal(set) var figures: [FigureVerdict]
    /// The workers' direct reclaims a second under memory pressure; nil where they were not counted.
    package internal(set) var workerReclaims: Double?
    /// Whether the machine was emulated, and nothing else differs.
    package let isOnlyEmulated: Bool

    /// How the measurement stands to the first figure.
    public var standing: Standing { figures.first?.standing ?? .cannotTell }

    /// Of several claims the one whose set-up is the nearest; the first of those that are as near.
    init?(_ claims: [ClaimRecord], on cell: CellPlan, _ machine: ClaimMachine) {
        let all = claims.map { claim in
            (claim, claim.setUp.differences(on: machine) + claim.setUp.differences(of: cell))
        }
        guard let (claim, differences) = all.min(by: { $0.1.count < $1.1.count }) else {
            return nil
        }
        self.claim = claim
        differs = differences.map(\.text)
        isOnlyEmulated = differences.map(\.isEmulation) == [true]
        let standing: Standing = differences.isEmpty ? .cannotTell : .notTheSetUp
        figures = claim.figures.map { FigureVerdict(figure: $0, standing: standing) }
    }
}
