// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// How the kernel lays out the events that are wanted: their numbers, and where their fields are.
///
/// Source: Documentation/trace/events.rst, section 4.
package struct TraceFormats: Sendable, Equatable {
    /// A field: its place in a record, and its bytes.
    struct Field: Sendable, Equatable {
        var offset: Int
        var size: Int
    }

    /// An event that is wanted.
    struct Event: Sendable, Equatable {
        /// Its place among those that are wanted.
        var place: Int
        /// Three at most; nil for one that the kernel does not have.
        var fields: [Field?]
        /// Where the addresses of a stack begin; nil for other events.
        var stack: Int?
    }

    /// By the kernel's number.
    private(set) var events: [Int: Event] = [:]

    /// No events.
    package init() {}

    /// Takes in an event's `format` file.
    ///
    /// - Parameters:
    ///   - fields: those that are wanted, three at most.
    ///   - place: what its records are to say.
    /// - Returns: whether the text is one.
    @discardableResult
    package mutating func add(
        _ text: String, fields: [String], place: Int, isStack: Bool = false
    ) -> Bool {
        var number: Int?
        var found: [Substring: Field] = [:]
        for line in text.split(separator: "\n") {
            if line.hasPrefix("ID:") { number = Int(String(line.dropFirst(3)).trimmed) }
            let parts = line.split(separator: ";").map { $0.drop { $0 == "\t" || $0 == " " } }
            guard parts.count >= 3, parts[0].hasPrefix("field:"),
                let name = parts[0].split(separator: " ").last,
                let offset = Self.number(parts[1], "offset:"),
                let size = Self.number(parts[2], "size:")
            else { continue }
            found[name.prefix { $0 != "[" }] = Field(offset: offset, size: size)
        }
        guard let number else { return false }
        events[number] = Event(
            place: place, fields: fields.prefix(3).map { found[Substring($0)] },
            stack: isStack ? found["caller"]?.offset : nil)
        return true
    }

    private static func number(_ text: Substring, _ name: String) -> Int? {
        text.hasPrefix(name) ? Int(text.dropFirst(name.count)) : nil
    }
}
