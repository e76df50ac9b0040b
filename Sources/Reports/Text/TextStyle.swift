// SPDX-License-Identifier: GPL-3.0-or-later

/// How the roles of a text show on a terminal: in colours, or not at all.
public struct TextStyle: Sendable, Equatable {
    /// What a piece of text is for.
    package enum Role: Sendable {
        case plain, strong, faint, good, bad, warning
    }

    /// No colours: for files, pipes and NO_COLOR.
    public static let plain = TextStyle(isColored: false)
    /// The terminal's own colours.
    public static let colored = TextStyle(isColored: true)

    private let isColored: Bool
    /// The columns of the terminal that shows the text; nil elsewhere.
    public var columns: Int?

    private init(isColored: Bool) { self.isColored = isColored }

    /// Colours where the stream is a terminal and NO_COLOR (no-color.org) is not set.
    public init(isTerminal: Bool, noColor: String?) {
        isColored = isTerminal && (noColor ?? "").isEmpty
    }

    /// The text with the SGR sequences of its role (ECMA-48).
    func paint(_ text: String, _ role: Role) -> String {
        let code =
            switch role {
            case .plain: 0
            case .strong: 1
            case .faint: 2
            case .bad: 31
            case .good: 32
            case .warning: 33
            }
        return isColored && code > 0 && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
