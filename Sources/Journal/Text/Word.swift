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
extension Int: Word {}
extension Int64: Word {}
extension UInt64: Word {}

extension Word where Self: FixedWidthInteger {
    var word: String { String(self) }

    init?(word: Slice<UnsafeRawBufferPointer>) {
        // Not by a string: a long journal has millions of them.
        let isNegative = Self.isSigned && word.first == UInt8(ascii: "-")
        let digits = isNegative ? word.dropFirst() : word
        guard !digits.isEmpty else { return nil }
        self = 0
        for byte in digits {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (tens, isTooGreat) = multipliedReportingOverflow(by: 10)
            let (value, isOver) =
                isNegative
                ? tens.subtractingReportingOverflow(Self(digit))
                : tens.addingReportingOverflow(Self(digit))
            guard !isTooGreat, !isOver else { return nil }
            self = value
        }
    }
}

extension Double: Word {
    var word: String { description }

    init?(word: Slice<UnsafeRawBufferPointer>) {
        self.init(String(decoding: word, as: UTF8.self))
    }
}

/// 1 or 0.
extension Bool: Word {
    var word: String { self ? "1" : "0" }

    init?(word: Slice<UnsafeRawBufferPointer>) {
        guard let number = Int(word: word), 0...1 ~= number else { return nil }
        self = number == 1
    }
}

extension Word where Self: RawRepresentable, RawValue == String {
    var word: String { rawValue }

    init?(word: Slice<UnsafeRawBufferPointer>) {
        self.init(rawValue: String(decoding: word, as: UTF8.self))
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
