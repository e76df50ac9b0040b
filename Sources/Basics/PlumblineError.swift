// SPDX-License-Identifier: GPL-3.0-or-later

/// The one type of error that reaches a user: what went wrong, where, and how to fix it.
public struct PlumblineError: Error, Codable, Sendable, Equatable {
    /// Who has to act, which decides the exit code.
    public enum Kind: String, Codable, Sendable {
        /// The command line, suite or setting is wrong: exit code 64.
        case usage
        /// The machine or the tool failed: exit code 1.
        case failure
        /// A signal ended the work: exit code 130.
        case interrupted
    }

    /// Decides the exit code.
    public var kind: Kind
    /// What happened and where, in one sentence without a full stop.
    public var message: String
    /// How to fix it; empty when not known.
    public var remedy: String

    /// An error for the user.
    public init(_ kind: Kind, _ message: String, remedy: String = "") {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }

    /// A wrong command line, suite or setting.
    public static func usage(_ message: String, remedy: String = "") -> PlumblineError {
        PlumblineError(.usage, message, remedy: remedy)
    }

    /// A failure of the machine or of the tool.
    public static func failure(_ message: String, remedy: String = "") -> PlumblineError {
        PlumblineError(.failure, message, remedy: remedy)
    }

    /// A value that an option does not take; of a bare number it says that the unit is missing.
    ///
    /// - Parameters:
    ///   - allowed: which values it takes: `up to 1h`.
    ///   - unit: one that the number may have: `s`.
    public static func invalid(
        _ value: String, for option: String, allowed: String, unit: String
    ) -> PlumblineError {
        let isBare = Double(value)?.isFinite == true
        let hint = isBare ? "the unit is missing, as in \(value)\(unit); " : ""
        return .usage("invalid value '\(value)' for \(option) (\(hint)allowed: \(allowed))")
    }

    /// An unknown word, with the nearest known one.
    ///
    /// - Parameters:
    ///   - kind: what the word should have been: `setting`.
    ///   - owner: what the known words belong to.
    public static func unknown(
        _ kind: String, _ word: String, for owner: String? = nil, among known: [String]
    ) -> PlumblineError {
        let near = Spelling.hint(for: word, among: known).map { "\($0) " } ?? ""
        return .usage(
            "unknown \(kind) '\(word)'\(owner.map { " for \($0)" } ?? "") "
                + "(\(near)known: \(known.sorted().joined(separator: ", ")))")
    }

    /// The same error with a place in front of the message: `suite.yaml:3:5`.
    public func at(_ place: String) -> PlumblineError {
        PlumblineError(kind, "\(place): \(message)", remedy: remedy)
    }

    /// The exit code of a command that ends with this error.
    public var exitCode: Int32 {
        switch kind {
        case .usage: 64
        case .failure: 1
        case .interrupted: 130
        }
    }
}

extension PlumblineError: CustomStringConvertible {
    /// The message, and the remedy on a line of its own.
    public var description: String {
        remedy.isEmpty ? message : "\(message)\n  \(remedy)"
    }
}
