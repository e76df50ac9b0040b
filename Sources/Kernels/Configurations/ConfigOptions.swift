// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A kernel configuration or a part of one: options and their values, in the order of the text.
struct ConfigOptions: Sendable, Equatable {
    /// The options without `CONFIG_`.
    private(set) var names: [String] = []
    private var values: [String: String] = [:]

    init() {}

    /// Parses a configuration that the kernel's own tools wrote; other lines are ignored.
    init(lenient text: String) {
        for line in text.split(separator: "\n") {
            if let option = Self.option(in: line) { self[option.name] = option.value }
        }
    }

    /// Parses a fragment that a person wrote.
    init(fragment text: String, place: String) throws(PlumblineError) {
        for (number, whole) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = whole.trimmed[...]
            if let option = Self.option(in: line) {
                self[option.name] = option.value
            } else if !line.isEmpty, !line.hasPrefix("#") {
                throw .usage(
                    "\(place):\(number + 1): invalid option '\(line.prefix(60))' (expected "
                        + "CONFIG_NAME=y or # CONFIG_NAME is not set)")
            }
        }
    }

    /// The value: `y`, `m`, `n` for not set, a number, or a text in quotes; nil for an option that is not named.
    subscript(_ name: String) -> String? {
        get { values[name] }
        set {
            if values[name] == nil, newValue != nil { names.append(name) }
            if newValue == nil { names.removeAll { $0 == name } }
            values[name] = newValue
        }
    }

    /// Adds every option of another part, whose values override.
    mutating func merge(_ other: ConfigOptions) {
        for name in other.names { self[name] = other[name] }
    }

    /// The lines of `.config`.
    var text: String {
        names.map { name in
            let value = values[name] ?? "n"
            return value == "n" ? "# CONFIG_\(name) is not set\n" : "CONFIG_\(name)=\(value)\n"
        }.joined()
    }

    /// Whether a value is the one asked for; built in satisfies a module.
    static func satisfies(_ value: String?, asked: String) -> Bool {
        let value = value ?? "n"
        return value == asked || (asked == "m" && value == "y")
    }

    private static func option(in line: Substring) -> (name: String, value: String)? {
        let prefix = "CONFIG_"
        if line.hasPrefix("# " + prefix), line.hasSuffix(" is not set") {
            return (String(line.dropFirst(2 + prefix.count).dropLast(11)), "n")
        }
        guard line.hasPrefix(prefix), let equals = line.firstIndex(of: "=") else { return nil }
        let name = line[..<equals].dropFirst(prefix.count)
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
            return nil
        }
        return (String(name), String(line[line.index(after: equals)...]))
    }
}
