// SPDX-License-Identifier: GPL-3.0-or-later

/// Everything about a verdict that is settled before the data are seen.
public struct VerdictRule: Sendable {
    /// Which way of the metric is good.
    public enum Direction: Sendable {
        /// Such as operations a second.
        case higherIsBetter
        /// Such as seconds.
        case lowerIsBetter
    }

    /// When to stop.
    public var stopping: any StoppingRule
    /// ±X.
    public var margin: EquivalenceMargin
    /// Which way is good.
    public var direction: Direction
    /// Whether the arms are two images of one layout each, and no switch of one.
    public var areTwoImages: Bool
    /// Decides the sampled sign flips.
    public var seed: UInt64

    /// A rule.
    public init(
        stopping: any StoppingRule, margin: EquivalenceMargin,
        direction: Direction = .higherIsBetter, areTwoImages: Bool = false, seed: UInt64 = 0
    ) {
        self.stopping = stopping
        self.margin = margin
        self.direction = direction
        self.areTwoImages = areTwoImages
        self.seed = seed
    }
}
