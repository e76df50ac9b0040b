// SPDX-License-Identifier: GPL-3.0-or-later

extension StringProtocol {
    /// The text without white space around it.
    public var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// At most so many characters, from 1: of a longer text, `…` takes the place of the middle.
    package func cut(to width: Int) -> String {
        guard count > width else { return String(self) }
        return "\(prefix(width / 2))…\(suffix((width - 1) / 2))"
    }

    /// The words between white space.
    package var words: [String] { split(whereSeparator: \.isWhitespace).map { String($0) } }
}
