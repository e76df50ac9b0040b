// SPDX-License-Identifier: GPL-3.0-or-later

/// Points in time in words, always UTC.
public enum Timestamp {
    /// `20261121T003000Z`, which sorts and fits a file's name.
    public static func compact(_ nanosecondsSince1970: UInt64) -> String {
        let part = parts(nanosecondsSince1970)
        return "\(part.date.joined())T\(part.time.joined())Z"
    }

    /// `2026-11-21 00:30:00 UTC`.
    public static func readable(_ nanosecondsSince1970: UInt64) -> String {
        let part = parts(nanosecondsSince1970)
        return "\(part.date.joined(separator: "-")) \(part.time.joined(separator: ":")) UTC"
    }

    private static func parts(_ nanoseconds: UInt64) -> (date: [String], time: [String]) {
        let seconds = Int(nanoseconds / 1_000_000_000)
        let (year, month, day) = civil(daysSince1970: seconds / 86_400)
        let second = seconds % 86_400
        let time = [second / 3600, second / 60 % 60, second % 60].map(two)
        return ([String(year), two(month), two(day)], time)
    }

    /// Source: E. G. Richards, in the *Explanatory Supplement to the Astronomical Almanac*, 3rd
    /// ed. (2013), section 15.11: Julian day to Gregorian date.
    private static func civil(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let julian = daysSince1970 + 2_440_588
        let f = julian + 1401 + (4 * julian + 274_277) / 146_097 * 3 / 4 - 38
        let e = 4 * f + 3
        let h = 5 * (e % 1461 / 4) + 2
        let month = (h / 153 + 2) % 12 + 1
        return (e / 1461 - 4716 + (14 - month) / 12, month, h % 153 / 5 + 1)
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
