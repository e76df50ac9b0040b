// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// Compares a guest's clock with this machine's, slice by slice: times are wrong in a guest whose
/// clock jumps, stands still, or runs at a wrong rate.
///
/// A slice opens after its order and the guard, and before its answer and the measured part. So each
/// slice bounds how far the guest's clock is ahead, and the bounds of all slices of a boot must agree.
/// The bounds of earlier slices widen with the time since, by what clocks may drift apart.
struct ClockCheck {
    /// What the bounds may disagree by, on top of what clocks may drift apart.
    private static let tolerance = Duration.milliseconds(50)
    /// Clocks may drift apart by this part of the time: NTP turns this machine's clock by 0.0005.
    private static let drift = 0.002

    private var first: ContinuousClock.Instant?
    /// After the slice before opened, by this machine's clock.
    private var last: ContinuousClock.Instant?
    private var least = Duration.zero
    private var most = Duration.zero

    /// Takes in a slice.
    ///
    /// - Parameters:
    ///   - opened: nanoseconds since 1970 by the guest's clock.
    ///   - earliest: before it opened, by this machine's clock.
    ///   - latest: after it opened, by this machine's clock.
    /// - Returns: what is wrong with the guest's clock; nil when nothing is.
    mutating func objection(
        opened: UInt64, notBefore earliest: ContinuousClock.Instant,
        notAfter latest: ContinuousClock.Instant
    ) -> String? {
        let guest = Duration.nanoseconds(Int64(clamping: opened))
        guard let first, let last else {
            (self.first, self.last) = (earliest, latest)
            (least, most) = (guest - (latest - earliest), guest)
            return nil
        }
        let drifted = (latest - last) * Self.drift
        least = max(least - drifted, guest - (latest - first))
        let before = most + drifted
        most = min(before, guest - (earliest - first))
        self.last = latest
        guard least - most > Self.tolerance else { return nil }
        let difference = Decimal.fixed((least - most) / Duration.seconds(1), 1)
        return
            "its clock \(most < before ? "lost" : "gained") \(difference) s or more against this "
            + "machine's"
    }
}
