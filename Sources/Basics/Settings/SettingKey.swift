// SPDX-License-Identifier: GPL-3.0-or-later

/// A type that settings have values of.
public protocol SettingConvertible {
    /// Reads a value that its declaration allows.
    init?(_ value: SettingValue)
    /// The value as a journal holds it.
    var settingValue: SettingValue { get }
}

extension Int: SettingConvertible {
    /// A count, a size in bytes or a time in nanoseconds.
    public init?(_ value: SettingValue) {
        guard let integer = value.integer else { return nil }
        self = integer
    }
    /// The same.
    public var settingValue: SettingValue { .integer(self) }
}

extension Double: SettingConvertible {
    /// A number with or without a fraction.
    public init?(_ value: SettingValue) {
        switch value {
        case .number(let number): self = number
        case .integer(let integer): self = Double(integer)
        default: return nil
        }
    }
    /// The same.
    public var settingValue: SettingValue { .number(self) }
}

extension Bool: SettingConvertible {
    /// A yes or no.
    public init?(_ value: SettingValue) {
        guard case .flag(let flag) = value else { return nil }
        self = flag
    }
    /// The same.
    public var settingValue: SettingValue { .flag(self) }
}

extension String: SettingConvertible {
    /// A word.
    public init?(_ value: SettingValue) { self = value.text }
    /// The same.
    public var settingValue: SettingValue { .text(self) }
}

extension [String]: SettingConvertible {
    /// Words of a command line, or texts; a single text is one of them.
    public init?(_ value: SettingValue) {
        if case .words(let words) = value { self = words } else { self = [value.text] }
    }
    /// The same.
    public var settingValue: SettingValue { .words(self) }
}

/// A setting whose value is one of an enumeration's words.
public protocol SettingChoice: SettingConvertible, RawRepresentable, CaseIterable
where RawValue == String {}

extension SettingChoice {
    /// The case of this word.
    public init?(_ value: SettingValue) { self.init(rawValue: value.text) }
    /// The case's word.
    public var settingValue: SettingValue { .text(rawValue) }
}

/// A setting and the type in which its value is read: `values[keys.msgsize]`.
public struct SettingKey<Value>: Sendable {
    /// The declaration.
    public let setting: Setting
    /// The word used in suites.
    public var name: String { setting.name }
}

extension SettingKey where Value: SettingConvertible {
    /// Declares a setting with a default.
    public init(
        _ name: String, _ kind: Setting.Kind, default fallback: Value, help: String,
        short: String? = nil, isPermission: Bool = false
    ) {
        setting = Setting(
            name, kind, default: fallback.settingValue, help: help, short: short,
            isPermission: isPermission)
    }

    /// Declares a choice.
    public init(
        _ name: String, default fallback: Value, help: String, short: String? = nil
    ) where Value: SettingChoice {
        let words = Value.allCases.map(\.rawValue)
        self.init(name, .choice(words), default: fallback, help: help, short: short)
    }
}

extension SettingKey {
    /// Declares a setting that is absent unless given.
    public init<Wrapped>(
        _ name: String, _ kind: Setting.Kind, help: String, short: String? = nil
    ) where Value == Wrapped? {
        setting = Setting(name, kind, default: nil, help: help, short: short)
    }
}

/// Settings that are declared once: each stored key, or group of them, is a part.
public protocol SettingGroup: Sendable {}

private protocol AnySettingKey { var setting: Setting { get } }
extension SettingKey: AnySettingKey {}

extension SettingGroup {
    /// Every setting, in the order of declaration.
    public var settings: [Setting] {
        Mirror(reflecting: self).children.flatMap { child -> [Setting] in
            if let key = child.value as? any AnySettingKey { return [key.setting] }
            return (child.value as? any SettingGroup)?.settings ?? []
        }
    }
}
