// SPDX-License-Identifier: GPL-3.0-or-later

/// The values of one workload's, pressure's or storage's settings, checked against what it declares.
///
/// A getter for a name that is not declared, or for the wrong kind, is a bug of ours and traps.
public struct SettingValues: Sendable, Equatable {
    /// Every declared setting that has a value, told or by default.
    public private(set) var values: [String: SettingValue]
    /// Where these values stood, for error messages: `pipe` or `memcg`.
    public let place: String
    private let declared: [Setting]

    /// Checks what a user or a journal told, and fills in the defaults.
    ///
    /// - Throws: `usage` for a name that is not declared or a value that is not allowed.
    public init(
        _ told: [String: SettingValue], declared: [Setting], place: String
    ) throws(PlumblineError) {
        self.declared = declared
        self.place = place
        values = [:]
        for setting in declared {
            if let fallback = setting.fallback { values[setting.name] = fallback }
        }
        for (name, raw) in told.sorted(by: { $0.key < $1.key }) {
            guard let setting = declared.first(where: { $0.name == name }) else {
                throw Self.unknown(name, among: declared.map(\.name), in: place)
            }
            values[name] = try setting.parse(raw, in: place)
        }
    }

    /// The error for a name nobody declared, with the nearest one that exists.
    public static func unknown(
        _ name: String, among names: [String], in place: String, what: String = "setting"
    ) -> PlumblineError {
        let near = Spelling.nearest(to: name, among: names).map { "did you mean \($0)? " } ?? ""
        return .usage(
            "\(place): unknown \(what) '\(name)'",
            remedy: "\(near)known: \(names.sorted().joined(separator: ", "))")
    }

    /// Whether a setting has a value.
    public func has(_ name: String) -> Bool { values[name] != nil }
    /// A count, a size in bytes or a time in nanoseconds; traps when absent.
    public func integer(_ name: String) -> Int { values[name]!.integer! }
    /// A whole number, where it was told.
    public func optionalInteger(_ name: String) -> Int? { values[name]?.integer }
    /// A number with a fraction; traps when absent.
    public func number(_ name: String) -> Double {
        switch values[name]! {
        case .number(let value): value
        case let other: Double(other.integer!)
        }
    }
    /// A yes or no; traps when absent.
    public func flag(_ name: String) -> Bool { values[name]! == .flag(true) }
    /// A word; traps when absent.
    public func text(_ name: String) -> String { values[name]!.text }
    /// A word, where it was told.
    public func optionalText(_ name: String) -> String? { values[name]?.text }

    /// The settings whose value differs from the default, in the order of declaration.
    public var changed: [(setting: Setting, value: SettingValue)] {
        declared.compactMap { setting in
            guard let value = values[setting.name], value != setting.fallback else { return nil }
            return (setting, value)
        }
    }

    /// An error about one setting of these.
    public func invalid(_ name: String, _ why: String, remedy: String) -> PlumblineError {
        .usage("\(place): \(name)=\(values[name]?.text ?? "") \(why)", remedy: remedy)
    }

    /// Same values in the same place.
    public static func == (a: SettingValues, b: SettingValues) -> Bool {
        a.values == b.values && a.place == b.place
    }
}
