// SPDX-License-Identifier: GPL-3.0-or-later

extension StringProtocol {
    /// The text without white space around it.
    public var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// The words between white space.
    package var words: [String] { split(whereSeparator: \.isWhitespace).map { String($0) } }
}
