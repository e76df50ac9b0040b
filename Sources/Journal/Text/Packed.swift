// SPDX-License-Identifier: GPL-3.0-or-later

/// An optional number in the space of the number: its greatest value stands for none.
///
/// As a word it is `-` when absent.
struct Packed<Number: FixedWidthInteger & Word & Sendable>: Word, Sendable, Equatable {
    private var raw = Number.max

    /// None.
    init() {}

    /// A number; one that is out of range becomes the nearest one that is not.
    init(_ value: (some FixedWidthInteger)?) {
        if let value { raw = min(Number(clamping: value), .max - 1) }
    }

    /// The number; nil when absent.
    func value<Wide: FixedWidthInteger>() -> Wide? { raw == .max ? nil : Wide(raw) }

    var word: String { raw == .max ? "-" : raw.word }

    init?(word: UnsafeRawBufferPointer) {
        if word.isDash { return }
        guard let number = Number(word: word), number != .max else { return nil }
        raw = number
    }
}

/// `-` when absent.
extension Optional: Word where Wrapped: Word {
    var word: String { self?.word ?? "-" }

    init?(word: UnsafeRawBufferPointer) {
        if word.isDash {
            self = .none
        } else if let value = Wrapped(word: word) {
            self = .some(value)
        } else {
            return nil
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var isDash: Bool { count == 1 && self[0] == UInt8(ascii: "-") }
}
