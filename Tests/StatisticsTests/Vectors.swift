// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// The reference numbers, as any part of a JSON document.
enum Vectors: Decodable, Sendable {
    case object([String: Vectors])
    case array([Vectors])
    case number(Double)
    case text(String)
    case truth(Bool)
    case null

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let truth = try? value.decode(Bool.self) {
            self = .truth(truth)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let array = try? value.decode([Vectors].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: Vectors].self))
        }
    }

    static let file = Bundle.module.url(forResource: "vectors", withExtension: "json")

    /// The whole document; read once.
    static let all: Vectors = {
        guard let file, let data = try? Data(contentsOf: file),
            let vectors = try? JSONDecoder().decode(Vectors.self, from: data)
        else { return .null }
        return vectors
    }()

    /// One section's cases; a section that is missing fails the test that asks for it.
    static func cases(_ section: String) throws -> [Vectors] {
        try #require(all[section]?.list, "no section \(section)")
    }

    static func section(_ name: String) throws -> Vectors {
        try #require(all[name], "no section \(name)")
    }

    subscript(_ key: String) -> Vectors? {
        if case .object(let members) = self, case let value = members[key] { return value }
        return nil
    }

    var list: [Vectors]? {
        if case .array(let values) = self { return values }
        return nil
    }

    var members: [String: Vectors]? {
        if case .object(let members) = self { return members }
        return nil
    }

    var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    func number(_ key: String) throws -> Double {
        guard case .number(let value)? = self[key] else {
            throw Missing(key: key)
        }
        return value
    }

    func whole(_ key: String) throws -> Int { Int(try number(key)) }

    func numbers(_ key: String) throws -> [Double] {
        try #require(self[key]?.asNumbers, "no numbers \(key)")
    }

    var asNumbers: [Double]? {
        list?.compactMap { if case .number(let value) = $0 { value } else { nil } }
    }

    var asRows: [[Double]]? { list?.compactMap { $0.asNumbers } }

    struct Missing: Error {
        let key: String
    }
}

/// Whether two numbers agree, as close as the reference file asks unless told otherwise.
func near(_ value: Double?, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
    guard let value else { return false }
    return abs(value - expected) <= tolerance
}

func near(_ values: [Double], _ expected: [Double], _ tolerance: Double = 1e-9) -> Bool {
    values.count == expected.count && zip(values, expected).allSatisfy { near($0, $1, tolerance) }
}
