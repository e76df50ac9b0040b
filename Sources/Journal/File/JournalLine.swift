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
    private static let beginning: StaticString = #"{"kind":""#
    private static let opening: StaticString = #","crc32c":""#
    private static let closing: StaticString = #""}"#
    private static let tail = opening.utf8CodeUnitCount + 8 + closing.utf8CodeUnitCount
    private static let brace = UInt8(ascii: "}")

    /// One line with its kind, checksum and newline.
    static func encode(_ kind: String, _ value: some Encodable) throws(PlumblineError) -> [UInt8] {
        var line = Array("\(beginning)\(kind)\"".utf8)
        let members = try LineCodec.object(value).dropFirst()
        if members.count > 1 { line.append(UInt8(ascii: ",")) }
        line += members
        let sum = digits(line.withUnsafeBytes { Checksum.crc32c($0) })
        line.removeLast()
        line += "\(opening)".utf8
        withUnsafeBytes(of: sum) { line += $0 }
        line += "\(closing)\n".utf8
        return line
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
    /// - Returns: the bytes of its kind; none for a line that does not begin with one.
    /// - Throws: `failure` saying what is wrong with the line.
    static func check(
        _ line: UnsafeRawBufferPointer
    ) throws(PlumblineError) -> UnsafeRawBufferPointer {
        let end = line.count - tail
        guard end > 0, part(line, from: end).begins(with: opening),
            part(line, from: line.count - closing.utf8CodeUnitCount).equals(closing)
        else { throw .failure("it does not end with a checksum") }
        let object = UnsafeRawBufferPointer(rebasing: line[..<end])
        let sum = withUnsafeBytes(of: brace) {
            Checksum.crc32c($0, after: Checksum.crc32c(object))
        }
        let written = line.loadUnaligned(
            fromByteOffset: end + opening.utf8CodeUnitCount, as: UInt64.self)
        guard written == digits(sum) else {
            throw .failure("its checksum does not match: the line was damaged or edited")
        }
        guard line.begins(with: beginning) else { return part(line, from: line.count) }
        let rest = part(line, from: beginning.utf8CodeUnitCount).prefix(64)
        return UnsafeRawBufferPointer(rebasing: rest.prefix { $0 != UInt8(ascii: "\"") })
    }

    private static func part(
        _ line: UnsafeRawBufferPointer, from start: Int
    ) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: line[start...])
    }

    /// Whether a line of this kind, or the beginning of one, begins with these bytes.
    static func begins(_ bytes: [UInt8], kind: String) -> Bool {
        let start = Array("\(beginning)\(kind)\"".utf8)
        return start.starts(with: bytes.prefix(start.count))
    }

    /// The eight digits of a checksum, as they stand in memory.
    private static func digits(_ sum: UInt32) -> UInt64 {
        let text = (0..<8).reduce(UInt64(0)) { text, place in
            let digit = UInt64(sum >> UInt32(4 * place) & 15)
            let letter = digit + UInt64(UInt8(ascii: digit < 10 ? "0" : "W"))
            return text << 8 | letter
        }
        return text.littleEndian
    }
}
