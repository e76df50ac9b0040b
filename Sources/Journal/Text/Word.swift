// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A value that is one word of a text in a journal.
protocol Word {
    /// `nil` when these bytes are no such value.
    init?(word: Slice<UnsafeRawBufferPointer>)
    /// The value without a space.
    var word: String { get }
}

extension Arm: Word {}
extension Bool: Word {}
extension Double: Word {}
extension Int: Word {}
extension Int64: Word {}
extension UInt64: Word {}

extension Word where Self: LosslessStringConvertible {
    var word: String { description }

    init?(word: Slice<UnsafeRawBufferPointer>) {
        self.init(String(decoding: word, as: UTF8.self))
    }
}

extension Word where Self: RawRepresentable, RawValue == String {
    var word: String { rawValue }

    init?(word: Slice<UnsafeRawBufferPointer>) {
        self.init(rawValue: String(decoding: word, as: UTF8.self))
    }
}

extension Word where Self: FixedWidthInteger {
    init?(word: Slice<UnsafeRawBufferPointer>) {
        // Not by a string: a long journal has millions of them.
        let digits = word.first == UInt8(ascii: "-") ? word.dropFirst() : word
        guard 1...20 ~= digits.count else { return nil }
        var value: Int128 = 0
        for byte in digits {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int128(digit)
        }
        self.init(exactly: digits.count < word.count ? -value : value)
    }
}

/// `-` when absent.
extension Optional: Word where Wrapped: Word {
    var word: String { self?.word ?? "-" }

    init?(word: Slice<UnsafeRawBufferPointer>) {
        if word.elementsEqual(CollectionOfOne(UInt8(ascii: "-"))) {
            self = .none
        } else if let value = Wrapped(word: word) {
            self = .some(value)
        } else {
            return nil
        }
    }
}
