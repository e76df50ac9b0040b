// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

extension FastClock {
    /// So many nanoseconds as ticks, rounded down: the inverse of `nanoseconds(_:)`.
    ///
    /// - Parameter nanoseconds: below 2^60, some 36 years.
    package func ticks(nanoseconds: UInt64) -> UInt64 {
        let reference: UInt64 = 1 << 40
        let product = nanoseconds.multipliedFullWidth(by: reference)
        return self.nanoseconds(reference).dividingFullWidth((product.high, product.low)).quotient
    }
}
