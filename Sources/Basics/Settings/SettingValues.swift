// SPDX-License-Identifier: GPL-3.0-or-later

/// The values of one workload's, pressure's or suite's settings, checked against what it declares.
public struct SettingValues: Sendable, Equatable {
    /// Every declared setting that has a value, given or by default.
    public private(set) var values: [String: SettingValue]
    /// The workload or pressure whose settings these are.
    public let owner: String
    /// What they were checked against.
    package let declared: [Setting]

    /// Checks what a user or a journal gave, and fills in the defaults.
    ///
    /// - Throws: `usage` for a name that is not declared or a value that is not allowed.
    public init(
        _ given: [String: SettingValue], declared: [Setting], owner: String
    ) throws(PlumblineError) {
        self.declared = declared
        self.owner = owner
        values = [:]
        for setting in declared {
            if let fallback = setting.fallback { values[setting.name] = fallback }
        }
        for (name, raw) in given.sorted(by: { $0.key < $1.key }) {
            guard let setting = declared.first(where: { $0.name == name }) else {
                throw .unknown("setting", name, for: owner, among: declared.map(\.name))
            }
            values[name] = try setting.parse(raw, of: owner)
        }
    }

    /// The value of a setting that has a default; traps for a key that is not declared.
    public subscript<Value: SettingConvertible>(key: SettingKey<Value>) -> Value {
        guard let value = values[key.name].flatMap(Value.init) else {
            preconditionFailure("\(owner) does not declare \(key.name)")
        }
        return value
    }

    /// The value of a setting that may be absent.
    public subscript<Value: SettingConvertible>(key: SettingKey<Value?>) -> Value? {
        values[key.name].flatMap(Value.init)
    }

    /// The settings whose value differs from the default, in the order of declaration.
    public var changed: [(setting: Setting, value: SettingValue)] {
        declared.compactMap { setting in
            guard let value = values[setting.name], value != setting.fallback else { return nil }
            return (setting, value)
        }
    }

    /// A value as people read it; `default` for an absent one.
    public func text(of name: String) -> String? {
        guard let setting = declared.first(where: { $0.name == name }) else { return nil }
        return values[name].map(setting.text) ?? "default"
    }

    /// A value as short names have it; `default` for an absent one.
    public func shortText(of name: String) -> String? {
        guard let setting = declared.first(where: { $0.name == name }) else { return nil }
        return values[name].map(setting.shortText) ?? "default"
    }

    /// An error about one setting of these.
    public func invalid<Value>(
        _ key: SettingKey<Value>, _ why: String, remedy: String
    ) -> PlumblineError {
        .usage("\(owner): \(key.name)=\(values[key.name]?.text ?? "") \(why)", remedy: remedy)
    }

    /// Same values of the same owner.
    public static func == (a: SettingValues, b: SettingValues) -> Bool {
        a.values == b.values && a.owner == b.owner
    }
}
