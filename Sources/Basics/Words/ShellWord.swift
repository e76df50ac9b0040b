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

    private static let plain = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,+@%".utf8)
}
