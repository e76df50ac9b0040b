// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel's files of one `name value` pair a line: `/proc/vmstat`, `memory.stat`,
/// `memory.events`.
public enum CounterText {
    /// Reads every pair; lines of another shape are left out.
    ///
    /// - Parameter keeping: which names to keep, to spare the strings of the others.
    public static func pairs(
        _ bytes: [UInt8], keeping: (String) -> Bool = { _ in true }
    ) -> [String: Int64] {
        var result: [String: Int64] = [:]
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
            if let space = bytes[start..<end].firstIndex(of: 0x20),
                let value = number(bytes[(space + 1)..<end])
            {
                let name = String(decoding: bytes[start..<space], as: UTF8.self)
                if keeping(name) { result[name] = value }
            }
            start = end + 1
        }
        return result
    }

    /// Reads a decimal number; values past `Int64` (the kernel's "no limit") become its maximum.
    static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        var negative = false
        var seen = false
        for byte in digits {
            if byte == 0x2d, !seen, !negative {
                negative = true
                continue
            }
            guard (0x30...0x39).contains(byte) else { return seen && byte == 0x20 ? value : nil }
            seen = true
            let (tens, high) = value.multipliedReportingOverflow(by: 10)
            let (sum, low) = tens.addingReportingOverflow(Int64(byte - 0x30))
            value = high || low ? .max : sum
        }
        return seen ? (negative ? -value : value) : nil
    }

    /// How much each counter grew; only those that changed and are in both.
    public static func changes(
        from before: [String: Int64], to after: [String: Int64]
    ) -> [String: Int64] {
        var result: [String: Int64] = [:]
        for (name, value) in after {
            guard let old = before[name], old != value else { continue }
            result[name] = value &- old
        }
        return result
    }
}

extension StringProtocol {
    /// The words between white space.
    var words: [String] { split(whereSeparator: \.isWhitespace).map { String($0) } }
}
