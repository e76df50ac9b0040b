// SPDX-License-Identifier: GPL-3.0-or-later

/// A setting's value: a scalar of JSON, or a list of words. Sizes are bytes and times are
/// nanoseconds.
public enum SettingValue: Sendable, Hashable {
    /// A count, a size in bytes or a time in nanoseconds.
    case integer(Int)
    /// A number with a fraction.
    case number(Double)
    /// A yes or no.
    case flag(Bool)
    /// A word.
    case text(String)
    /// Words of a command line, or a list of texts.
    case words([String])

    /// The whole number, where it is one.
    public var integer: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// As a user would write it.
    public var text: String {
        switch self {
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .flag(let value): value ? "1" : "0"
        case .text(let value): value
        case .words(let value): ShellWord.line(value)
        }
    }
}

extension SettingValue: CustomStringConvertible {
    /// As a user would write it.
    public var description: String { text }
}

extension SettingValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral
{
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// A word.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A yes or no.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    /// A number with a fraction.
    public init(floatLiteral value: Double) { self = .number(value) }
}

extension SettingValue {
    /// Equal when they mean the same: JSON does not tell 80.0 from 80.
    public static func == (a: SettingValue, b: SettingValue) -> Bool {
        switch (a, b) {
        case (.integer(let x), .integer(let y)): x == y
        case (.number(let x), .number(let y)): x == y
        case (.integer(let x), .number(let y)), (.number(let y), .integer(let x)):
            Int(exactly: y) == x
        case (.flag(let x), .flag(let y)): x == y
        case (.text(let x), .text(let y)): x == y
        case (.words(let x), .words(let y)): x == y
        default: false
        }
    }

    /// The same for values that are equal.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let value): hasher.combine(value)
        case .number(let value):
            if let whole = Int(exactly: value) {
                hasher.combine(whole)
            } else {
                hasher.combine(value)
            }
        case .flag(let value): hasher.combine(value)
        case .text(let value): hasher.combine(value)
        case .words(let value): hasher.combine(value)
        }
    }
}

extension SettingValue: Codable {
    /// Reads a JSON scalar, or a list of texts.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([String].self) {
            self = .words(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    /// Writes a JSON scalar, or a list of texts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .flag(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .words(let value): try container.encode(value)
        }
    }
}
