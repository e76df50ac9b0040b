// SPDX-License-Identifier: GPL-3.0-or-later

/// Prints numbers for people, without Foundation.
public enum Decimal {
    /// A number with this many digits after the point.
    public static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        let whole = Int(scaled / scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let fraction = String(Int(scaled) - whole * Int(scale))
        return "\(sign)\(whole)." + String(repeating: "0", count: digits - fraction.count)
            + fraction
    }

    /// A number with about this many significant digits and no exponent.
    public static func significant(_ value: Double, _ digits: Int) -> String {
        var limit = 1.0
        var before = 1
        while abs(value) >= limit * 10, before < digits {
            limit *= 10
            before += 1
        }
        return fixed(value, digits - before)
    }

    /// A rate with a decimal suffix: `1.42M`, `605K`, `12.3`.
    public static func rate(_ value: Double) -> String {
        switch abs(value) {
        case 1e9...: significant(value / 1e9, 3) + "G"
        case 1e6...: significant(value / 1e6, 3) + "M"
        case 1e3...: significant(value / 1e3, 3) + "K"
        default: significant(value, 3)
        }
    }

    /// Nanoseconds with the unit that suits them: `823ns`, `14.2us`, `1.05ms`, `2.10s`.
    public static func time(nanoseconds value: Double) -> String {
        switch abs(value) {
        case 1e9...: significant(value / 1e9, 3) + "s"
        case 1e6...: significant(value / 1e6, 3) + "ms"
        case 1e3...: significant(value / 1e3, 3) + "us"
        default: significant(value, 3) + "ns"
        }
    }

    /// Nanoseconds as whole milliseconds: `50ms`.
    public static func milliseconds(_ nanoseconds: Int) -> String {
        "\(nanoseconds / 1_000_000)ms"
    }

    /// `1 cell`, `2 cells`.
    public static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}
