// SPDX-License-Identifier: GPL-3.0-or-later

/// Colours for a terminal, or none.
public struct TextStyle: Sendable, Equatable {
    /// No colours: for files, pipes and NO_COLOR.
    public static let plain = TextStyle(isColored: false)
    /// The terminal's own colours.
    public static let colored = TextStyle(isColored: true)

    private let isColored: Bool

    private init(isColored: Bool) { self.isColored = isColored }

    /// Colours where the stream is a terminal and NO_COLOR (no-color.org) is not set.
    public init(isTerminal: Bool, noColor: String?) {
        isColored = isTerminal && (noColor ?? "").isEmpty
    }

    func bold(_ text: String) -> String { wrap("1", text) }
    func faint(_ text: String) -> String { wrap("2", text) }
    func red(_ text: String) -> String { wrap("31", text) }
    func green(_ text: String) -> String { wrap("32", text) }
    func yellow(_ text: String) -> String { wrap("33", text) }

    private func wrap(_ code: String, _ text: String) -> String {
        isColored ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}
