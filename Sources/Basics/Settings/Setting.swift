// SPDX-License-Identifier: GPL-3.0-or-later

/// The declaration of one setting: its name, its values, its default.
public struct Setting: Sendable, Equatable {
    /// The values a setting takes.
    public enum Kind: Sendable, Equatable {
        /// A whole number.
        case count(ClosedRange<Int>)
        /// Bytes, with suffixes k, m, g (1024).
        case size(ClosedRange<Int>)
        /// A time with its unit (ns, us, ms, s), up to `longestTime`, kept in nanoseconds.
        case duration
        /// A number, with an optional `%`.
        case number(ClosedRange<Double>)
        /// 0 or 1, no or yes, false or true, off or on.
        case flag
        /// One of these words.
        case choice([String])
        /// CPU numbers in the kernel's list format: `0,2-5`.
        case cpus
        /// A path.
        case path
        /// A name made of parts, checked by its owner: `zram:ext4`.
        case text
        /// Words of a command line: a list, or one text that is split as a POSIX shell does.
        case words
        /// Texts that are not split: a list, or a single one.
        case texts
    }

    /// An hour in nanoseconds: sums of slices, guards and warm-ups then fit 64 bits.
    public static let longestTime = 3_600_000_000_000

    /// The word used in suites and in `--set`.
    public let name: String
    /// The values it takes.
    public let kind: Kind
    /// The default; `nil` for a setting that is absent unless given.
    public let fallback: SettingValue?
    /// One line for a help text.
    public let help: String
    /// What stands before its value in short names, such as `qd`; `name=` where it is nil.
    public let short: String?
    /// Whether it is a permission, which the command line alone gives.
    public let isPermission: Bool

    /// Declares a setting.
    public init(
        _ name: String, _ kind: Kind, default fallback: SettingValue?, help: String,
        short: String? = nil, isPermission: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.fallback = fallback
        self.help = help
        self.short = short
        self.isPermission = isPermission
    }

    /// Whether its value is a list, so that in a suite only a list of lists has several values.
    public var isList: Bool { kind == .words || kind == .texts }

    /// The allowed values, in words: `1 to 1024`.
    public var allowed: String {
        switch kind {
        case .count(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .size(let range): "\(Self.bound(range.lowerBound)) to \(Self.bound(range.upperBound))"
        case .duration: "0 to 1h, with a unit such as 500ms or 2s"
        case .number(let range): "\(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
        case .flag: "0 or 1"
        case .choice(let words): words.joined(separator: ", ")
        case .cpus: "CPU numbers such as 0,2-5"
        case .path: "a path"
        case .text: "a name"
        case .words: "a command line, or a list of its words"
        case .texts: "a text, or a list of them"
        }
    }

    /// A value as people read it: sizes and times with a unit.
    public func text(of value: SettingValue) -> String {
        switch (kind, value) {
        case (.size, .integer(let bytes)): ByteSize(bytes).description
        case (.duration, .integer(let time)): Decimal.time(nanoseconds: Double(time))
        case (.number, .number(let number)): Self.text(number)
        default: value.text
        }
    }

    /// A value as short names have it: `64k`.
    public func shortText(of value: SettingValue) -> String {
        switch (kind, value) {
        case (.size, .integer(let bytes)): ByteSize(bytes).short
        // Where a program is tells cells apart in their names alone.
        case (.words, .words(let words)): ShellWord.program(words).printable
        // A suite may give any text, and a name may not drive a terminal.
        case (.texts, _): text(of: value).printable
        default: text(of: value)
        }
    }

    /// Reads a value as a user wrote it, or as a journal holds it.
    ///
    /// - Parameter owner: the workload or pressure that has the setting, for the error.
    /// - Throws: `usage`, naming the setting, the value and what is allowed.
    public func parse(
        _ raw: SettingValue, of owner: String? = nil
    ) throws(PlumblineError) -> SettingValue {
        guard let value = accept(raw) else {
            let path = (owner.map { "\($0)." } ?? "") + name
            throw .usage(
                "invalid value '\(raw)' for \(path) (allowed: \(allowed))", remedy: hint(for: raw))
        }
        return value
    }

    private func hint(for raw: SettingValue) -> String {
        switch kind {
        case .size: "sizes are bytes, or have a suffix: 4096, 64k, 1m"
        case .choice(let words): Spelling.hint(for: raw.text, among: words) ?? ""
        case .words: "quote words with blanks, as for a shell; a null byte is in no word"
        default: ""
        }
    }

    private static func bound(_ bytes: Int) -> String {
        let text = ByteSize(bytes).description
        return text.hasSuffix("iB") ? text : "\(bytes)"
    }

    private static func text(_ number: Double) -> String {
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private func accept(_ raw: SettingValue) -> SettingValue? {
        switch kind {
        case .count(let range):
            guard let n = raw.integer ?? Int(raw.text), range.contains(n) else { return nil }
            return .integer(n)
        case .size(let range):
            guard let n = raw.integer ?? ByteSize(raw.text)?.bytes, range.contains(n) else {
                return nil
            }
            return .integer(n)
        case .duration:
            guard let n = raw.integer ?? Duration.nanoseconds(parsing: raw.text),
                (0...Self.longestTime).contains(n)
            else { return nil }
            return .integer(n)
        case .number(let range):
            let digits = raw.text.hasSuffix("%") ? String(raw.text.dropLast()) : raw.text
            guard let x = Double(digits), range.contains(x) else { return nil }
            return .number(x)
        case .flag:
            switch raw.text.lowercased() {
            case "1", "true", "yes", "on": return .flag(true)
            case "0", "false", "no", "off": return .flag(false)
            default: return nil
            }
        case .choice(let words):
            return words.contains(raw.text) ? .text(raw.text) : nil
        case .cpus:
            return Self.isCPUList(raw.text) ? .text(raw.text) : nil
        case .words, .texts:
            var words: [String]?
            switch (raw, kind) {
            case (.words(let list), _): words = list
            case (_, .words): words = ShellWord.split(raw.text)
            default: words = [raw.text]
            }
            guard let words, words.first?.isEmpty == false,
                !words.contains(where: { $0.utf8.contains(0) })
            else { return nil }
            return .words(words)
        case .path, .text:
            // Names of cells have them: neither a terminal nor a table may be driven by one.
            let isPlain = raw.text.printable == raw.text
            return raw.text.isEmpty || !isPlain ? nil : .text(raw.text)
        }
    }

    /// Whether every part of a list is a number or an ascending range below 1024.
    ///
    /// Source: Documentation/admin-guide/kernel-parameters.rst, "cpu lists".
    private static func isCPUList(_ list: String) -> Bool {
        let parts = list.split(separator: ",", omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1]
            else { return false }
            return first >= 0 && first <= last && last < 1024
        }
    }
}
