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

    var bits: UInt64 { raw.bits }

    init(bits: UInt64) { raw = Number(bits: bits) }
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

    var bits: UInt64 { self.map { $0.bits &+ 1 } ?? 0 }

    init(bits: UInt64) { self = bits == 0 ? .none : .some(Wrapped(bits: bits &- 1)) }
}

extension UnsafeRawBufferPointer {
    fileprivate var isDash: Bool { count == 1 && self[0] == UInt8(ascii: "-") }
}
