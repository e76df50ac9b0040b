// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// How large a swap device of ours is to be: `8g`, or `40%` of MemTotal.
package enum SwapQuantity: Sendable, Equatable {
    case bytes(Int)
    case percent(Double)

    /// The allowed values, in words.
    package static let allowed = "a size from 1MiB to 64TiB, or 1% to 400% of MemTotal"

    /// Reads what a user wrote; nil outside of what is allowed.
    package init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let percent = Double(text.dropLast()), (1...400).contains(percent) else {
                return nil
            }
            self = .percent(percent)
        } else {
            guard let bytes = ByteSize(text)?.bytes, ((1 << 20)...(1 << 46)).contains(bytes) else {
                return nil
            }
            self = .bytes(bytes)
        }
    }

    /// Reads a pressure's `swap`; nil without one.
    ///
    /// - Throws: `usage` for what is not allowed.
    init?(_ setting: String?, of pressure: String) throws(PlumblineError) {
        guard let setting else { return nil }
        guard let quantity = Self(setting) else {
            throw .usage(
                "invalid value '\(setting)' for \(pressure).swap (allowed: \(Self.allowed))")
        }
        self = quantity
    }

    /// Bytes on a machine of this much memory, whole MiB of a percentage.
    package func bytes(ofTotal total: Int) -> Int {
        switch self {
        case .bytes(let bytes): bytes
        case .percent(let percent): max(1, Int(Double(total) * percent / 100) >> 20) << 20
        }
    }
}

extension SwapQuantity: CustomStringConvertible {
    /// As cell names have it.
    package var description: String {
        switch self {
        case .bytes(let bytes): "\(ByteSize(bytes))"
        case .percent(let percent):
            "\(Decimal.fixed(percent, percent == percent.rounded() ? 0 : 1))%"
        }
    }
}
