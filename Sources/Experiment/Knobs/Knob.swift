// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol

/// One thing that a toggle switches between two values; the same value twice is a placebo.
public struct Knob: Sendable, Equatable {
    /// The way it is switched.
    public let kind: KnobKind
    /// The file's path or the setting's name; `sh` for commands.
    public let target: String
    /// The baseline's value, or the command that switches to it.
    public let a: String
    /// The candidate's.
    public let b: String

    /// Reads `file:PATH=a,b`, `sysctl:NAME=a,b`, `module:MODULE.PARAMETER=a,b`, `set:KEY=a,b`,
    /// `cmd:'A…','B…'`, or PATH=a,b without a word.
    ///
    /// A path is absolute, or a sysctl's name such as `vm.swappiness`. A value in which there is a
    /// comma stands in single or double quotes.
    ///
    /// - Throws: `usage` saying what is wrong with it.
    public init(parsing text: String) throws(PlumblineError) {
        let (word, kind, rest) = Self.kind(of: text)
        self.kind = kind
        let values: String
        if kind == .command {
            target = "sh"
            values = String(rest)
        } else {
            guard let equals = rest.firstIndex(of: "="), equals > rest.startIndex else {
                throw Self.malformed(text, "it has no '='")
            }
            let name = String(rest[..<equals])
            switch kind {
            case .file where word == Self.moduleWord:
                guard let path = Self.path(ofParameter: name) else {
                    throw Self.malformed(text, "'\(name)' is not MODULE.PARAMETER")
                }
                target = path
            case .file: target = Self.path(of: name)
            default: target = name
            }
            values = String(rest[rest.index(after: equals)...])
        }
        guard let parts = Self.split(values), !parts.contains(where: \.isEmpty) else {
            throw Self.malformed(text, "a quote is not closed, or a value is empty")
        }
        guard parts.count == 2 else {
            throw Self.malformed(text, "it has \(parts.count) values (expected: 2)")
        }
        (a, b) = (parts[0], parts[1])
        guard !(target + a + b).utf8.contains(0) else { throw Self.malformed(text, "it has a NUL") }
    }

    /// A knob as a journal has it.
    init(_ record: ComparisonRecord.Knob) {
        kind = record.kind
        target = record.target
        a = record.a
        b = record.b
    }

    /// The value or command of an arm.
    public func value(_ arm: Arm) -> String { arm == .a ? a : b }

    /// As the journal has it.
    public var record: ComparisonRecord.Knob { .init(kind: kind, target: target, a: a, b: b) }

    /// An arm in words: `vm.swappiness=60`, `fixedbufs=1`, or the command.
    public func label(_ arm: Arm) -> String {
        switch kind {
        case .file: "\(Self.name(of: target))=\(value(arm))".printable
        case .setting: "\(target)=\(value(arm))".printable
        case .command: value(arm).printable
        }
    }

    /// Knobs that are switched together.
    ///
    /// - Throws: `usage` for one that is malformed or given twice, or when there is none.
    public static func parse(_ texts: [String]) throws(PlumblineError) -> [Knob] {
        guard !texts.isEmpty else {
            throw .usage(
                "no --knob is given",
                remedy: "give one, such as --knob vm.swappiness=60,10 or --knob set:fixedbufs=0,1")
        }
        var knobs: [Knob] = []
        for text in texts {
            let knob = try Knob(parsing: text)
            if knobs.contains(where: { $0.isSame(as: knob) }) {
                throw .usage(
                    "--knob \(text): \(knob.target) is given twice",
                    remedy: "give each knob once; several are switched together")
            }
            knobs.append(knob)
        }
        return knobs
    }

    private func isSame(as other: Knob) -> Bool {
        guard kind == other.kind else { return false }
        // `fixedbufs` and `dio.fixedbufs` are one setting where both apply.
        let names = [target, other.target].map { name in
            kind == .setting ? name.split(separator: ".").last.map(String.init) ?? name : name
        }
        let qualified = target.contains(".") && other.target.contains(".")
        return kind == .command
            ? a == other.a && b == other.b
            : qualified && kind == .setting ? target == other.target : names[0] == names[1]
    }

    private static let moduleWord = "module"
    private static let kinds: [(word: String, kind: KnobKind)] = [
        ("file", .file), ("sysctl", .file), (moduleWord, .file), ("set", .setting),
        ("cmd", .command),
    ]

    private static func kind(of text: String) -> (word: String, KnobKind, rest: Substring) {
        for (word, kind) in kinds where text.hasPrefix(word + ":") {
            return (word, kind, text.dropFirst(word.count + 1))
        }
        return ("", .file, text[...])
    }

    private static let modules = "/sys/module/"
    private static let parameters = "/parameters/"

    /// Where a module's parameter is; nil unless the name has two parts.
    private static func path(ofParameter name: String) -> String? {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && !$0.contains("/") }) else {
            return nil
        }
        // The kernel knows a module by its name with underscores.
        return modules + parts[0].replacing("-", with: "_") + parameters + parts[1]
    }

    /// Where a sysctl's file is, after sysctl(8): dots part directories unless slashes do.
    private static func path(of name: String) -> String {
        if name.hasPrefix("/") { return normal(name) }
        let parts = name.contains("/") ? name : name.replacing(".", with: "/")
        return normal("/proc/sys/" + parts)
    }

    /// The path without doubled slashes and single dots, so that one file has one name.
    private static func normal(_ path: String) -> String {
        "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private static func name(of path: String) -> String {
        if path.hasPrefix(modules), let range = path.firstRange(of: parameters) {
            let module = path[..<range.lowerBound].dropFirst(modules.count)
            return "\(module).\(path[range.upperBound...])"
        }
        let sysctl = "/proc/sys/"
        guard path.hasPrefix(sysctl) else { return path }
        let rest = path.dropFirst(sysctl.count)
        return rest.contains(".") ? String(rest) : String(rest).replacing("/", with: ".")
    }

    /// The values between commas; nil when a quote is not closed.
    static func split(_ text: String) -> [String]? {
        var parts = [""]
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open {
                    quote = nil
                } else {
                    parts[parts.count - 1].append(character)
                }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "," {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return quote == nil ? parts : nil
    }

    private static func malformed(_ text: String, _ why: String) -> PlumblineError {
        .usage(
            "--knob \(text): \(why)",
            remedy:
                "write file:PATH=a,b, sysctl:NAME=a,b, module:MODULE.PARAMETER=a,b, set:KEY=a,b "
                + "or cmd:'to A','to B'; "
                + "quote a value that contains a comma")
    }
}
