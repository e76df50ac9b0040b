// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A value that is one word of a text in a journal.
protocol Word {
    /// `nil` when these bytes are no such value; no string is made of them where it can be helped:
    /// a long journal has millions.
    init?(word: UnsafeRawBufferPointer)
    /// The value without a space.
    var word: String { get }
    /// The number that the bits of this value are; see `PackedSlices`.
    var bits: UInt64 { get }
    /// The value of such a number.
    init(bits: UInt64)
}

extension Word where Self: LosslessStringConvertible {
    var word: String { description }
}

extension Arm: Word {
    var word: String { rawValue }

    init?(word: UnsafeRawBufferPointer) {
        switch word.count == 1 ? word[0] : 0 {
        case UInt8(ascii: "A"): self = .a
        case UInt8(ascii: "B"): self = .b
        default: return nil
        }
    }

    var bits: UInt64 { self == .b ? 1 : 0 }

    init(bits: UInt64) { self = bits == 1 ? .b : .a }
}

extension Bool: Word {
    init?(word: UnsafeRawBufferPointer) {
        guard word.equals("true") || word.equals("false") else { return nil }
        self = word.count == 4
    }

    var bits: UInt64 { self ? 1 : 0 }

    init(bits: UInt64) { self = bits == 1 }
}

extension Double: Word {
    private static let powersOfTen = (0..<16).reduce(into: [1.0]) { powers, _ in
        powers.append(10 * powers[powers.count - 1])
    }

    init?(word: UnsafeRawBufferPointer) {
        guard let exact = Self.exact(word) else {
            self.init(String(decoding: word, as: UTF8.self))
            return
        }
        self = exact
    }

    /// The value of digits with a point among them, where they are exact as one integer: divided by
    /// a power of ten, which is exact too, they give the nearest number (Clinger, PLDI 1990).
    private static func exact(_ word: UnsafeRawBufferPointer) -> Double? {
        guard 3...17 ~= word.count else { return nil }
        var (digits, point) = (UInt64(0), 0)
        for place in word.indices {
            let digit = word[place] &- UInt8(ascii: "0")
            if digit < 10 {
                digits = digits * 10 + UInt64(digit)
            } else if word[place] == UInt8(ascii: "."), point == 0 {
                point = place
            } else {
                return nil
            }
        }
        let decimals = word.count - 1 - point
        guard point > 0, decimals > 0, digits <= 1 << 53 else { return nil }
        return Double(digits) / powersOfTen[decimals]
    }

    var bits: UInt64 { bitPattern }

    init(bits: UInt64) { self.init(bitPattern: bits) }
}

/// A number behind `=`: as a last word that may be missing, it is no piece of the word before it.
struct MarkedNumber: Word, Sendable, Equatable {
    let number: Double

    init(_ number: Double) { self.number = number }

    init?(word: UnsafeRawBufferPointer) {
        guard word.first == UInt8(ascii: "="),
            let number = Double(word: UnsafeRawBufferPointer(rebasing: word.dropFirst()))
        else { return nil }
        self.number = number
    }

    var word: String { "=\(number.word)" }

    var bits: UInt64 { number.bits }

    init(bits: UInt64) { number = Double(bits: bits) }
}

extension Int: Word {}
extension Int32: Word {}
extension Int8: Word {}
extension UInt64: Word {}

extension Word where Self: FixedWidthInteger {
    init?(word: UnsafeRawBufferPointer) {
        let isNegative = word.first == UInt8(ascii: "-")
        let digits = isNegative ? UnsafeRawBufferPointer(rebasing: word.dropFirst()) : word
        guard 1...20 ~= digits.count else { return nil }
        var value: UInt64 = 0
        for byte in digits {
            let digit = UInt64(byte &- UInt8(ascii: "0"))
            let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isJustTooLarge) = tens.addingReportingOverflow(digit)
            guard digit < 10, !isTooLarge, !isJustTooLarge else { return nil }
            value = sum
        }
        self.init(exactly: isNegative ? -Int128(value) : Int128(value))
    }

    var bits: UInt64 { UInt64(truncatingIfNeeded: self) }

    init(bits: UInt64) { self.init(truncatingIfNeeded: bits) }
}
