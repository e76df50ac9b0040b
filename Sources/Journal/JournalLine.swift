// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol

/// A line of a journal: a JSON object whose last member, `crc32c`, guards the rest.
///
/// The checksum is the CRC-32C of the object as it stood before that member was put in, in eight
/// hexadecimal digits; so a single wrong bit anywhere is noticed, in a number as well.
package enum JournalLine {
    private static let opening = Array(#","crc32c":""#.utf8)
    private static let closing = Array(#""}"#.utf8)
    private static let brace = UInt8(ascii: "}")

    /// One line with its checksum and newline.
    package static func encode(_ value: some Encodable) throws(PlumblineError) -> [UInt8] {
        let object = try LineCodec.object(value)
        return object.dropLast() + opening + digits(Checksum.crc32c(object)) + closing
            + [UInt8(ascii: "\n")]
    }

    /// Checks a line and reads the record in it.
    ///
    /// - Throws: `failure` saying what is wrong with the line.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from line: [UInt8]
    ) throws(PlumblineError) -> Value {
        let tail = opening.count + 8 + closing.count
        guard line.count > tail, line.suffix(tail).starts(with: opening),
            line.suffix(closing.count).elementsEqual(closing)
        else { throw .failure("it does not end with a checksum") }
        let object = line.dropLast(tail) + [brace]
        let told = line.suffix(tail).dropFirst(opening.count).prefix(8)
        guard told.elementsEqual(digits(Checksum.crc32c(object))) else {
            throw .failure("its checksum does not match: the line was damaged or edited")
        }
        return try LineCodec.decode(type, from: object)
    }

    /// Whether a line ends with a checksum, and it is that of the line.
    static func isWhole(_ line: UnsafeRawBufferPointer) -> Bool {
        let tail = opening.count + 8 + closing.count
        guard line.count > tail, line.suffix(tail).starts(with: opening),
            line.suffix(closing.count).elementsEqual(closing)
        else { return false }
        let object = UnsafeRawBufferPointer(rebasing: line.dropLast(tail))
        let sum = withUnsafeBytes(of: brace) {
            Checksum.crc32c($0, after: Checksum.crc32c(object))
        }
        let told = line.suffix(tail).dropFirst(opening.count).prefix(8)
        return told.elementsEqual(digits(sum))
    }

    private static func digits(_ value: UInt32) -> [UInt8] {
        let hex = String(value, radix: 16)
        return Array(repeating: UInt8(ascii: "0"), count: 8 - hex.utf8.count) + Array(hex.utf8)
    }
}
