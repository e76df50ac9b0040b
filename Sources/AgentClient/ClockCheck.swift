// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Compares a guest's clock with this machine's, slice by slice: times are wrong in a guest whose
/// clock jumps, stands still, or runs at a wrong rate.
///
/// A slice opens between its order and its answer. So each slice bounds how far the guest's clock is
/// ahead, and the bounds of all slices of a boot must agree.
struct ClockCheck {
    /// What the bounds may disagree by, on top of the part that clocks may drift apart.
    private static let tolerance = Duration.milliseconds(50)
    /// Clocks may drift apart by this part of the time: NTP turns this machine's clock by 0.0005.
    private static let drift = 0.002

    private var first: ContinuousClock.Instant?
    private var least = Duration.zero
    private var most = Duration.zero

    /// Takes in a slice.
    ///
    /// - Parameter opened: nanoseconds since 1970 by the guest's clock.
    /// - Returns: what is wrong with the guest's clock; nil when nothing is.
    mutating func objection(
        opened: UInt64, ordered: ContinuousClock.Instant, answered: ContinuousClock.Instant
    ) -> String? {
        let guest = Duration.nanoseconds(Int64(clamping: opened))
        guard let first else {
            self.first = ordered
            (least, most) = (guest - (answered - ordered), guest)
            return nil
        }
        least = max(least, guest - (answered - first))
        let before = most
        most = min(most, guest - (ordered - first))
        let allowed = Self.tolerance + (answered - first) * Self.drift
        guard least - most > allowed else { return nil }
        let difference = Decimal.fixed((least - most) / .seconds(1), 1)
        return
            "its clock \(most < before ? "lost" : "gained") \(difference) s or more against this "
            + "machine's"
    }
}
