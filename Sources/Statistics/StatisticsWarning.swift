// SPDX-License-Identifier: GPL-3.0-or-later

/// What a reader should know about a result that was computed all the same.
public enum StatisticsWarning: Sendable, Hashable {
    /// All values are equal, so their spread says nothing.
    case noSpread
    /// p comes from this many random draws, not from all arrangements.
    case sampled(draws: Int)
    /// Neighbours resemble each other even after averaging in twos; their lag-1 autocorrelation.
    case stillDependent(Double)
    /// Blocks after the look that decides; they are not used.
    case blocksNotUsed(Int)
}
