// SPDX-License-Identifier: GPL-3.0-or-later

/// Words of a command line for a POSIX shell, such as the one that sshd starts.
package enum ShellWord {
    /// A word as the shell reads it back unchanged: in single quotes, unless every character is one
    /// that no shell treats specially.
    package static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.utf8.allSatisfy { plain.contains($0) }
        return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }

    /// Words as one command line.
    package static func line(_ words: [String]) -> String {
        words.map(quoted).joined(separator: " ")
    }

    private static let plain = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,+@%".utf8)
}
