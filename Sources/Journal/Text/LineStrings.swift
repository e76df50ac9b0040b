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
        let start = UnsafeRawBufferPointer(
            start: beginning.utf8Start, count: beginning.utf8CodeUnitCount)
        guard line.starts(with: start) else { return nil }
        self.line = line
        at = start.count
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
