// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials

/// Turns records into lines of JSON and back: one object a line, keys in order.
public enum LineCodec {
    /// The most bytes of a journal's line, without its newline: 16 MiB.
    public static let lengthLimit = 16 << 20
    /// The most bytes of a message between controller and agent: 4 MiB. A slice with the fullest
    /// histograms has less than 1 MiB, and a decoder needs some ten times a line's memory.
    public static let messageLimit = 4 << 20

    /// One line with its newline.
    ///
    /// - Throws: `failure` for values that JSON lacks, such as infinity.
    public static func encode(_ value: some Encodable) throws(PlumblineError) -> [UInt8] {
        try object(value) + [UInt8(ascii: "\n")]
    }

    /// The record in a line, with or without its newline.
    ///
    /// - Throws: `failure` with the error and its place in the line.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from line: some Sequence<UInt8>
    ) throws(PlumblineError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(line))
        } catch let error as PlumblineError {
            throw error
        } catch let error as DecodingError {
            throw .failure(words(for: error))
        } catch {
            throw .failure("not JSON")
        }
    }

    package static func object(_ value: some Encodable) throws(PlumblineError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return [UInt8](try encoder.encode(value))
        } catch {
            throw .failure("a record cannot be written as JSON: \(error)")
        }
    }

    private static func words(for error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { key in
                key.intValue.map { "[\($0)]" } ?? key.stringValue
            }
            return path.isEmpty ? "" : " in \(path.joined(separator: "."))"
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "no '\(key.stringValue)'\(place(context))"
        case .typeMismatch(let type, let context):
            return "not a \(type)\(place(context))"
        case .valueNotFound(_, let context):
            return "a null\(place(context))"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "not JSON" : "a value that is not allowed\(place(context))"
        @unknown default:
            return "not JSON"
        }
    }
}
