// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Strings near the start of a line, read without a JSON decoder.
///
/// One character is between two of them: a colon, a comma or the end of an object. An escape stays
/// as it is.
struct LineStrings {
    private let line: UnsafeRawBufferPointer
    private var at: Int

    /// `nil` for a line that begins otherwise.
    init?(_ line: UnsafeRawBufferPointer, after beginning: StaticString) {
        guard line.begins(with: beginning) else { return nil }
        self.line = line
        at = beginning.utf8CodeUnitCount
    }

    /// The next string, good while the line's bytes are there; `nil` for another value or the end.
    mutating func next() -> UnsafeRawBufferPointer? {
        guard at + 1 < line.count, line[at] == UInt8(ascii: "\""), let base = line.baseAddress,
            let quote = memchr(base + at + 1, 0x22, line.count - at - 1)
        else { return nil }
        let text = UnsafeRawBufferPointer(
            start: base + at + 1, count: UnsafeRawPointer(quote) - (base + at + 1))
        at += text.count + 3
        return text
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes of a text of two characters or more stand here first.
    func begins(with text: StaticString) -> Bool {
        guard let base = baseAddress, count >= text.utf8CodeUnitCount else { return false }
        return memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// Whether these are the bytes of a text of two characters or more, and no others.
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && begins(with: text)
    }

    /// Whether this byte is among them.
    func has(_ byte: UInt8) -> Bool {
        baseAddress.map { memchr($0, Int32(byte), count) != nil } ?? false
    }

    /// Whether these are the bytes of another buffer.
    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count, let base = baseAddress, let otherBase = other.baseAddress else {
            return count == other.count
        }
        return memcmp(base, otherBase, count) == 0
    }
}
