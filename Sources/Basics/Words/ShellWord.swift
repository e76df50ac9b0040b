// SPDX-License-Identifier: GPL-3.0-or-later

/// Words of a command line for a POSIX shell, such as the one that sshd starts.
package enum ShellWord {
    /// A word as the shell reads it back unchanged: in single quotes, unless every character is one
    /// that no shell treats specially. A `=` makes an assignment of a first word, but not of an
    /// option.
    package static func quoted(_ word: String) -> String {
        let isOption = word.utf8.first == UInt8(ascii: "-")
        let isPlain = word.utf8.allSatisfy {
            plain.contains($0) || isOption && $0 == UInt8(ascii: "=")
        }
        if !word.isEmpty, isPlain { return word }
        // By scalars: a quote and an accent behind it are one character.
        var quoted = "'".unicodeScalars
        for scalar in word.unicodeScalars {
            if scalar == "'" {
                quoted.append(contentsOf: #"'\''"#.unicodeScalars)
            } else {
                quoted.append(scalar)
            }
        }
        quoted.append("'")
        return String(quoted)
    }

    /// Words as one command line.
    package static func line(_ words: [String]) -> String {
        words.map(quoted).joined(separator: " ")
    }

    /// Words as one command line of which nothing is hidden: a word with a character that is not seen
    /// is in `$'...'`, and each byte of that character an octal escape such as `\033`.
    ///
    /// - Source: POSIX.1-2024, Shell Command Language, section 2.2.4; bash and ksh have had it
    ///   before.
    package static func visibleLine(_ words: [String]) -> String {
        words.map { word in
            guard word.unicodeScalars.contains(where: \.isUnseen) else { return quoted(word) }
            let parts = word.unicodeScalars.map { scalar in
                switch scalar {
                case "\n": return #"\n"#
                case "\t": return #"\t"#
                case "'", "\\": return #"\\#(scalar)"#
                case _ where scalar.isUnseen: return String(scalar).utf8.map(octal).joined()
                default: return String(scalar)
                }
            }
            return "$'\(parts.joined())'"
        }.joined(separator: " ")
    }

    /// `\033`: three digits, so that a digit may follow.
    private static func octal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 8)
        return #"\"# + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// A program and its arguments in one line, without the directory of the program.
    package static func program(_ words: [String]) -> String {
        guard let first = words.first else { return "" }
        let name = first.split(separator: "/").last.map(String.init) ?? first
        return line([name] + words.dropFirst())
    }

    /// The words of a text by the quoting rules of a POSIX shell; nothing in them is replaced.
    ///
    /// - Returns: nil where a quote is not closed, or where nothing is behind a last backslash.
    /// - Source: POSIX.1-2017, Shell Command Language, section 2.2.
    package static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String.UnicodeScalarView?
        var quote: Unicode.Scalar?
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch (quote, scalar) {
            case ("'", "'"), ("\"", "\""): quote = nil
            case ("\"", "\\"):
                guard let next = rest.popFirst() else { return nil }
                if !#"$`"\"#.unicodeScalars.contains(next), next != "\n" { word?.append(scalar) }
                if next != "\n" { word?.append(next) }
            case (.some, _): word?.append(scalar)
            case (nil, "'"), (nil, "\""):
                quote = scalar
                word = word ?? "".unicodeScalars
            case (nil, "\\"):
                guard let next = rest.popFirst() else { return nil }
                if next == "\n" { continue }
                word = word ?? "".unicodeScalars
                word?.append(next)
            case (nil, " "), (nil, "\t"), (nil, "\n"):
                if let word { words.append(String(word)) }
                word = nil
            case (nil, _):
                word = word ?? "".unicodeScalars
                word?.append(scalar)
            }
        }
        guard quote == nil else { return nil }
        if let word { words.append(String(word)) }
        return words
    }

    private static let plain = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,+@%".utf8)
}

extension Unicode.Scalar {
    /// Whether a terminal shows nothing of it, or does something else with it: a control or format
    /// character, a separator but for the blank, one that is ignored by default, or none at all.
    fileprivate var isUnseen: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            true
        case .spaceSeparator: self != " "
        default: properties.isDefaultIgnorableCodePoint
        }
    }
}
