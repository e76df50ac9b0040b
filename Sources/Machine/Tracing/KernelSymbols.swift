// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// The kernel's functions by address, as `/proc/kallsyms` has them.
package final class KernelSymbols {
    private var addresses: [UInt64] = []
    /// Where the name of each begins in `text`, and its bytes.
    private var names: [(start: UInt32, count: UInt32)] = []
    private let text: [UInt8]
    private var known: [UInt64: String] = [:]

    /// Reads those of this kernel.
    ///
    /// - Returns: nil when addresses are hidden: without root, or by kernel.kptr_restrict.
    package convenience init?() {
        guard let text = try? SystemFile.readBytes("/proc/kallsyms") else { return nil }
        self.init(text)
        guard let last = addresses.last, last > 0 else { return nil }
    }

    /// Parses lines of an address, a letter and a name; only functions are kept.
    package init(_ text: [UInt8]) {
        self.text = text
        var at = 0
        while at < text.count {
            var address: UInt64 = 0
            while at < text.count, let digit = Self.digit(text[at]) {
                address = address << 4 | digit
                at += 1
            }
            let kind = at + 1 < text.count ? text[at + 1] | 0x20 : 0
            let start = min(at + 3, text.count)
            var end = start
            while end < text.count, text[end] > 0x20 { end += 1 }
            if kind == UInt8(ascii: "t") || kind == UInt8(ascii: "w"), end > start {
                addresses.append(address)
                names.append((UInt32(start), UInt32(end - start)))
            }
            at = end
            while at < text.count, text[at] != 0x0a { at += 1 }
            at += 1
        }
        sort()
    }

    /// Modules follow the kernel, and their addresses are lower.
    private func sort() {
        let order = addresses.indices.sorted { addresses[$0] < addresses[$1] }
        addresses = order.map { addresses[$0] }
        names = order.map { names[$0] }
    }

    /// The function that an address is in, without what a compiler added behind a dot; nil for one
    /// before all of them.
    package func name(of address: UInt64) -> String? {
        if let name = known[address] { return name }
        var (low, high) = (0, addresses.count)
        while low < high {
            let middle = (low + high) / 2
            if addresses[middle] <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let (start, count) = names[low - 1]
        let bytes = text[Int(start)..<Int(start + count)].prefix { $0 != UInt8(ascii: ".") }
        let name = String(decoding: bytes, as: UTF8.self)
        known[address] = name
        return name
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}
