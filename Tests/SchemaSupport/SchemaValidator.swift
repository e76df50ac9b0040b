// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

/// Any JSON value.
public enum JSONValue: Decodable, Equatable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case flag(Bool)
    /// A number without a fraction.
    case integer(Int128)
    /// Any other number.
    case number(Double)
    /// A string.
    case text(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([String: JSONValue])

    /// Reads a value of any type.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(Int128(value))
        } else if let value = try? container.decode(UInt64.self) {
            self = .integer(Int128(value))
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// An object's member; `nil` for anything else.
    public subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// What a path of names and places leads to, such as `cells.0.verdict`; `nil` for none.
    public func at(_ path: String) -> JSONValue? {
        path.split(separator: ".").reduce(self) { value, step in
            guard let place = Int(step) else { return value?[String(step)] }
            return value?.items.flatMap { $0.indices.contains(place) ? $0[place] : nil }
        }
    }

    /// A string; `nil` for anything else.
    public var text: String? { if case .text(let text) = self { text } else { nil } }
    /// An array's items; `nil` for anything else.
    public var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
    var members: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }
    /// A number; `nil` for anything else.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
    var typeNames: Set<String> {
        switch self {
        case .null: ["null"]
        case .flag: ["boolean"]
        case .integer: ["integer", "number"]
        case .number: ["number"]
        case .text: ["string"]
        case .array: ["array"]
        case .object: ["object"]
        }
    }
}

/// The part of JSON Schema (draft 2020-12) that our schemas use.
public struct SchemaValidator: Sendable {
    private let root: JSONValue

    /// A validator by this schema.
    public init(root: JSONValue) { self.root = root }

    /// A validator by the schema in a text.
    public init(_ text: String) throws {
        try self.init(root: JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
    }

    /// What is wrong with a value; empty when it is valid.
    public func problems(_ value: JSONValue) -> [String] { problems(value, root, "$") }

    private func problems(_ value: JSONValue, _ schema: JSONValue, _ at: String) -> [String] {
        guard let rules = schema.members else { return schema == .flag(true) ? [] : ["\(at): no"] }
        var found: [String] = []
        for (rule, told) in rules {
            switch rule {
            case "$schema", "$id", "title", "description", "$defs", "additionalProperties": break
            case "$ref":
                let name = told.text!.replacing("#/$defs/", with: "")
                let target = root["$defs"]![name]!
                // A schema with an identity of its own has its own definitions.
                let validator = target["$id"] == nil ? self : SchemaValidator(root: target)
                found += validator.problems(value, target, at)
            case "oneOf":
                let fits = told.items!.filter { problems(value, $0, at).isEmpty }
                if fits.count != 1 {
                    let reasons = told.items!.flatMap { problems(value, $0, at) }
                    found.append("\(at): fits \(fits.count) of oneOf: \(reasons)")
                }
            case "type":
                let names = told.items?.map { $0.text! } ?? [told.text!]
                if value.typeNames.isDisjoint(with: names) { found.append("\(at): not \(names)") }
            case "const":
                if value != told { found.append("\(at): not \(told)") }
            case "enum":
                if !told.items!.contains(value) { found.append("\(at): not one of \(told)") }
            case "minimum":
                if let number = value.double, number < told.double! {
                    found.append("\(at): below \(told)")
                }
            case "maximum":
                if let number = value.double, number > told.double! {
                    found.append("\(at): above \(told)")
                }
            case "minItems":
                if let items = value.items, Double(items.count) < told.double! {
                    found.append("\(at): fewer items than \(told)")
                }
            case "maxItems":
                if let items = value.items, Double(items.count) > told.double! {
                    found.append("\(at): more items than \(told)")
                }
            case "minProperties":
                if let members = value.members, Double(members.count) < told.double! {
                    found.append("\(at): fewer properties than \(told)")
                }
            case "pattern":
                if let text = value.text, let pattern = try? Regex(told.text!),
                    text.firstMatch(of: pattern) == nil
                {
                    found.append("\(at): '\(text)' does not match")
                }
            case "required":
                for name in told.items! where value.members?[name.text!] == nil {
                    found.append("\(at): no \(name.text!)")
                }
            case "items":
                for (i, item) in (value.items ?? []).enumerated() {
                    found += problems(item, told, "\(at)[\(i)]")
                }
            case "properties":
                for (name, member) in value.members ?? [:] {
                    if let rule = told[name] {
                        found += problems(member, rule, "\(at).\(name)")
                    } else if let other = rules["additionalProperties"] {
                        found += problems(member, other, "\(at).\(name)")
                    }
                }
            default: found.append("\(at): the schema uses '\(rule)', which this test does not know")
            }
        }
        if rules["properties"] == nil, let other = rules["additionalProperties"] {
            for (name, member) in value.members ?? [:] {
                found += problems(member, other, "\(at).\(name)")
            }
        }
        return found
    }
}
