// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc

/// Parsers of the kernel's counter files.
enum CounterText {
    /// A file of `name value` lines, such as `/proc/vmstat` and `memory.stat`; other lines are left
    /// out.
    ///
    /// - Parameter keeping: which names to keep.
    static func pairs(
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

    /// The same for names that begin in one of these ways: no text is made of the others.
    static func pairs(_ bytes: [UInt8], prefixes: [[UInt8]]) -> [String: Int64] {
        var result: [String: Int64] = [:]
        bytes.withUnsafeBytes { text in
            guard let base = text.baseAddress else { return }
            var start = 0
            while start < text.count {
                let line = base + start
                let left = text.count - start
                let length = memchr(line, 0x0a, left).map { UnsafeRawPointer($0) - line } ?? left
                let isWanted = prefixes.contains { prefix in
                    prefix.count <= length && memcmp(line, prefix, prefix.count) == 0
                }
                if isWanted {
                    let part = Array(UnsafeRawBufferPointer(start: line, count: length))
                    result.merge(pairs(part)) { $1 }
                }
                start += length + 1
            }
        }
        return result
    }

    /// A decimal number; a value beyond `Int64` (the kernel's "no limit") becomes its maximum.
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

    /// The first line of `/proc/stat` (proc_stat(5)): what all CPUs did since boot, in ticks of
    /// 1/100 s; nil for another text.
    ///
    /// `busy` is time in user space or the kernel, interrupts and guests included; `iowait` is idle
    /// time with a disk request pending; `steal`, taken by the hypervisor, is absent in old kernels.
    static func ticks(_ bytes: [UInt8]) -> [String: Int64]? {
        let words = String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self).words
        let values = words.dropFirst().compactMap { Int64($0) }
        guard words.first == "cpu", values.count >= 7 else { return nil }
        // user nice system idle iowait irq softirq steal guest guest_nice
        var result = [
            "busy": values[0] + values[1] + values[2] + values[5] + values[6], "idle": values[3],
            "iowait": values[4],
        ]
        if values.count > 7 { result["steal"] = values[7] }
        return result
    }

    /// PSI totals since boot in microseconds (Documentation/accounting/psi.rst): `some` while at
    /// least one task waited, `full` while all did; nil for another text.
    ///
    /// `full` is absent for the CPU before Linux 5.13.
    static func stalls(_ text: String) -> [String: Int64]? {
        var totals: [String: Int64] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first, let last = words.last, last.hasPrefix("total=") else {
                continue
            }
            totals[String(first)] = Int64(last.dropFirst(6))
        }
        return totals["some"] == nil ? nil : totals
    }
}
