// SPDX-License-Identifier: GPL-3.0-or-later

extension StringProtocol {
    /// The text without spaces, tabs and line ends around it.
    package func trimmingWhitespace() -> String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }
}
