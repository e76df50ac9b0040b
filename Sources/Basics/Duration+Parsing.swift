// SPDX-License-Identifier: GPL-3.0-or-later

extension Duration {
    /// Reads `500ms`, `0.5s`, `250us`, `20ns`, `2m` or `1h`; the unit is required.
    ///
    /// - Returns: whole nanoseconds, or `nil` when it is no time.
    public static func nanoseconds(parsing text: String) -> Int? {
        let digits = text.prefix { $0.isNumber || $0 == "." }
        guard !digits.isEmpty, let value = Double(digits), value.isFinite else { return nil }
        let unit: Double
        switch text.dropFirst(digits.count) {
        case "ns": unit = 1
        case "us": unit = 1e3
        case "ms": unit = 1e6
        case "s": unit = 1e9
        case "m", "min": unit = 60e9
        case "h": unit = 3600e9
        default: return nil
        }
        let scaled = value * unit
        return scaled < 9e18 ? Int(scaled.rounded()) : nil
    }
}
