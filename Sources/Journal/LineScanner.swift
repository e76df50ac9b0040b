// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Goes once through a line of JSON as we write it, and stops at anything else.
///
/// For lines whose checksum holds: what is passed over is not looked into.
struct LineScanner {
    /// Something that a `JSONDecoder` has to read.
    struct Irregular: Error {}

    private var at: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    /// A scanner at the start of these bytes, which outlive it.
    init(_ bytes: UnsafeRawBufferPointer) throws(Irregular) {
        guard let start = bytes.baseAddress else { throw Irregular() }
        at = start.assumingMemoryBound(to: UInt8.self)
        end = at + bytes.count
    }

    /// Goes through an object; `member` reads or skips the value of each key.
    @inline(__always)
    mutating func object(
        _ member: (UnsafeRawBufferPointer, inout LineScanner) throws(Irregular) -> Void
    ) throws(Irregular) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(key, &self)
        } while take(",")
        try expect("}")
    }

    /// A string without escapes, its quotes left out.
    mutating func string() throws(Irregular) -> UnsafeRawBufferPointer {
        try expect("\"")
        guard let quote = memchr(at, 0x22, end - at) else { throw Irregular() }
        let close = UnsafePointer(quote.assumingMemoryBound(to: UInt8.self))
        let text = UnsafeRawBufferPointer(start: at, count: close - at)
        guard memchr(at, 0x5c, close - at) == nil else { throw Irregular() }
        at = close + 1
        return text
    }

    /// A whole number that is not negative.
    mutating func count() throws(Irregular) -> UInt64 {
        let start = at
        var value: UInt64 = 0
        while at < end, at.pointee &- 0x30 < 10 {
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(at.pointee &- 0x30))
            guard !tooLarge, !carried else { throw Irregular() }
            value = sum
            at += 1
        }
        guard at > start, at < end, ![0x2e, 0x65, 0x45].contains(at.pointee) else {
            throw Irregular()
        }
        return value
    }

    /// A count that fits an `Int`.
    mutating func place() throws(Irregular) -> Int {
        guard let value = Int(exactly: try count()) else { throw Irregular() }
        return value
    }

    /// Any number.
    mutating func number() throws(Irregular) -> Double {
        // The line ends with a brace, where strtod(3) stops at the latest.
        var stop: UnsafeMutablePointer<CChar>?
        let value = UnsafeRawPointer(at).withMemoryRebound(to: CChar.self, capacity: 1) {
            strtod($0, &stop)
        }
        guard let stop else { throw Irregular() }
        let next = UnsafePointer<UInt8>(OpaquePointer(stop))
        guard next > at, next < end, value.isFinite else { throw Irregular() }
        at = next
        return value
    }

    /// `true` or `false`.
    mutating func flag() throws(Irregular) -> Bool {
        if take("t") {
            at += min(3, end - at)
            return true
        }
        try expect("f")
        at += min(4, end - at)
        return false
    }

    /// Passes over a value of any kind.
    mutating func skip() throws(Irregular) {
        guard at < end else { throw Irregular() }
        switch at.pointee {
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipNested()
        case UInt8(ascii: "\""): _ = try string()
        default:
            while at < end, Self.kinds[Int(at.pointee)] == .none { at += 1 }
        }
    }

    /// What a letter means to one who only looks for the end.
    private enum Kind: UInt8 {
        case none, comma, quote, backslash, open, close
    }

    private static let kinds: [Kind] = {
        var kinds = [Kind](repeating: .none, count: 256)
        for (letters, kind) in [
            (",", Kind.comma), ("\"", .quote), ("\\", .backslash), ("{[", .open), ("}]", .close),
        ] {
            for letter in letters.utf8 { kinds[Int(letter)] = kind }
        }
        return kinds
    }()

    /// Goes to the end of an object or array.
    private mutating func skipNested() throws(Irregular) {
        var at = at
        let end = end
        var depth = 0
        let isOver = Self.kinds.withUnsafeBufferPointer { kinds in
            while at < end {
                let kind = kinds[Int(at.pointee)]
                at += 1
                switch kind {
                case .none, .comma: continue
                case .open: depth += 1
                case .close:
                    depth -= 1
                    if depth == 0 { return true }
                case .quote:
                    while at < end, at.pointee != 0x22, at.pointee != 0x5c { at += 1 }
                    guard at < end, at.pointee == 0x22 else { return false }
                    at += 1
                case .backslash: return false
                }
            }
            return false
        }
        guard isOver else { throw Irregular() }
        self.at = at
    }

    private mutating func expect(_ letter: Unicode.Scalar) throws(Irregular) {
        guard take(letter) else { throw Irregular() }
    }

    @inline(__always)
    private mutating func take(_ letter: Unicode.Scalar) -> Bool {
        guard at < end, at.pointee == UInt8(ascii: letter) else { return false }
        at += 1
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// Whether these bytes are a text.
    @inline(__always)
    func isText(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && memcmp(baseAddress!, text.utf8Start, count) == 0
    }
}
