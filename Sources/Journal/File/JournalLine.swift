// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol

/// A line of a journal: a JSON object whose first member is its `kind` and whose last one,
/// `crc32c`, guards the rest.
///
/// The checksum is the CRC-32C of the object as it stood before that member was put in, in eight
/// hexadecimal digits; so a single wrong bit anywhere is noticed, in a number as well.
package enum JournalLine {
    private static let beginning = Array(#"{"kind":""#.utf8)
    private static let opening = Array(#","crc32c":""#.utf8)
    private static let closing = Array(#""}"#.utf8)
    private static let tail = opening.count + 8 + closing.count
    private static let hex = Array("0123456789abcdef".utf8)
    private static let brace = UInt8(ascii: "}")

    /// One line with its kind, checksum and newline.
    static func encode(_ kind: String, _ value: some Encodable) throws(PlumblineError) -> [UInt8] {
        var line = beginning + Array(kind.utf8) + [UInt8(ascii: "\"")]
        let members = try LineCodec.object(value).dropFirst()
        if members.count > 1 { line.append(UInt8(ascii: ",")) }
        line += members
        let sum = digits(line.withUnsafeBytes { Checksum.crc32c($0) })
        line.removeLast()
        return line + opening + sum + closing + [UInt8(ascii: "\n")]
    }

    /// The first line.
    package static func encode(_ header: JournalHeader) throws(PlumblineError) -> [UInt8] {
        try encode("header", header)
    }

    /// The lines of an event: two of a slice, its summary and its detail.
    package static func encode(_ event: JournalEvent) throws(PlumblineError) -> [UInt8] {
        guard case .slice(let slice) = event else { return try encode(event.kind, event) }
        return try encode(event.kind, SliceSummary(slice).line)
            + encode("detail", SliceDetail(slice))
    }

    /// Checks a line.
    ///
    /// - Returns: its kind; empty for a line that does not begin with one.
    /// - Throws: `failure` saying what is wrong with the line.
    static func check(_ line: UnsafeRawBufferPointer) throws(PlumblineError) -> String {
        guard line.count > tail, line.suffix(tail).starts(with: opening),
            line.suffix(closing.count).elementsEqual(closing)
        else { throw .failure("it does not end with a checksum") }
        let object = UnsafeRawBufferPointer(rebasing: line.dropLast(tail))
        let sum = withUnsafeBytes(of: brace) {
            Checksum.crc32c($0, after: Checksum.crc32c(object))
        }
        guard line.suffix(tail).dropFirst(opening.count).prefix(8).elementsEqual(digits(sum)) else {
            throw .failure("its checksum does not match: the line was damaged or edited")
        }
        guard line.starts(with: beginning) else { return "" }
        let rest = line.dropFirst(beginning.count).prefix(64)
        return String(decoding: rest.prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    /// Whether a line of this kind, or the beginning of one, begins with these bytes.
    static func begins(_ bytes: [UInt8], kind: String) -> Bool {
        let start = beginning + Array(kind.utf8) + [UInt8(ascii: "\"")]
        return start.starts(with: bytes.prefix(start.count))
    }

    private static func digits(_ value: UInt32) -> some Collection<UInt8> {
        (0..<8).lazy.map { Self.hex[Int(value >> UInt32(28 - 4 * $0) & 15)] }
    }
}
