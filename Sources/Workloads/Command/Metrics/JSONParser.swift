// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads the JSON documents in a program's output.
///
/// A document begins with `{` or `[` as the first character of a line, blanks left out, or right
/// behind another document. Other lines are passed over, such as the warnings that fio prints. A
/// line that only looks like a beginning is passed over too; a document that is wrong in a later
/// line is an error.
struct JSONParser {
    /// Why a document cannot be read.
    struct Failure: Error, Equatable {
        let why: String
        /// In the output, from 1.
        let line: Int
    }

    /// Objects and arrays within each other.
    private static let deepest = 64

    private let bytes: [UInt8]
    private var place = 0
    private var line = 1

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The documents of an output, in order.
    ///
    /// - Throws: where no document can be read, the first that is wrong; `nil` for the failure's
    ///   place does not occur.
    static func documents(in output: [UInt8]) throws(Failure) -> [JSONValue] {
        var parser = JSONParser(output)
        return try parser.documents()
    }

    private mutating func documents() throws(Failure) -> [JSONValue] {
        var found: [JSONValue] = []
        var first: Failure?
        while place < bytes.count {
            skipBlanks()
            guard let byte = next else { break }
            guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") else {
                skipLine()
                continue
            }
            let start = line
            do {
                found.append(try value(depth: 0))
            } catch {
                guard line == start else { throw error }
                first = first ?? error
                skipLine()
            }
        }
        if found.isEmpty, let first { throw first }
        return found
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipLine() {
        while let byte = next, byte != UInt8(ascii: "\n") { place += 1 }
    }

    private mutating func skipBlanks() {
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            default: return
            }
            place += 1
        }
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard depth < Self.deepest else {
            throw failure("more than \(Self.deepest) objects and arrays within each other")
        }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case nil: throw failure("it is cut off")
        default: return try scalar()
        }
    }

    private mutating func members(depth: Int) throws(Failure) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        place += 1
        skipBlanks()
        if take("}") { return [] }
        repeat {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw expected("a key in quotes") }
            let key = try string()
            skipBlanks()
            guard take(":") else { throw expected("':'") }
            members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
            skipBlanks()
        } while take(",")
        guard take("}") else { throw expected("',' or '}'") }
        return members
    }

    private mutating func elements(depth: Int) throws(Failure) -> [JSONValue] {
        var elements: [JSONValue] = []
        place += 1
        skipBlanks()
        if take("]") { return [] }
        repeat {
            elements.append(try value(depth: depth + 1))
            skipBlanks()
        } while take(",")
        guard take("]") else { throw expected("',' or ']'") }
        return elements
    }

    /// A number or a word, which ends where none of both goes on.
    private mutating func scalar() throws(Failure) -> JSONValue {
        let start = place
        while let byte = next, Self.isScalar(byte) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        switch text {
        case "true", "false", "null": return .word(text)
        default: break
        }
        let first = text.utf8.first { $0 != UInt8(ascii: "-") }
        // Double also reads hexadecimal numbers.
        if let first, MetricNumber.isDigit(first), !text.contains("x"), !text.contains("X"),
            let number = Double(text)
        {
            return .number(number)
        }
        // C programs print such numbers into their JSON.
        switch text.lowercased().drop(while: { $0 == "-" }) {
        case "nan": return .number(.nan)
        case "inf", "infinity": return .number(.infinity)
        default:
            place = start
            throw expected("a value")
        }
    }

    private static func isScalar(_ byte: UInt8) -> Bool {
        MetricNumber.isDigit(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }

    private mutating func string() throws(Failure) -> String {
        place += 1
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escape()
            case UInt8(ascii: "\n"):
                place -= 1
                throw failure("a text has no end")
            default: text.append(byte)
            }
        }
        throw failure("it is cut off")
    }

    /// What follows a backslash.
    private mutating func escape() throws(Failure) -> [UInt8] {
        guard let byte = next else { throw failure("it is cut off") }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): return [10]
        case UInt8(ascii: "t"): return [9]
        case UInt8(ascii: "r"): return [13]
        case UInt8(ascii: "b"): return [8]
        case UInt8(ascii: "f"): return [12]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "u"):
            var units = [try hexadecimal()]
            if UTF16.isLeadSurrogate(units[0]), bytes[place...].starts(with: "\\u".utf8) {
                place += 2
                units.append(try hexadecimal())
            }
            return Array(String(decoding: units, as: UTF16.self).utf8)
        default: throw failure("'\\' and a character that it does not go with")
        }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt16 {
        let digits = bytes[place...].prefix(4)
        guard digits.count == 4,
            digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw failure("\\u needs four hexadecimal digits") }
        place += 4
        return unit
    }

    private mutating func take(_ character: UnicodeScalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private func expected(_ what: String) -> Failure {
        next == nil ? failure("it is cut off") : failure("\(what) is missing")
    }

    private func failure(_ why: String) -> Failure { Failure(why: why, line: line) }
}
