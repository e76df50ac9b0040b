// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Mustache

/// Text of a page: of any text that a journal holds, no character is one of HTML.
///
/// The library's own escaping goes by characters as people see them, and leaves a quote as it is that
/// has an accent behind it.
struct PageText: MustacheContentType {
    func escapeText(_ text: String) -> String {
        let text = text.printableLines
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "<"): escaped += "&lt;".utf8
            case UInt8(ascii: ">"): escaped += "&gt;".utf8
            case UInt8(ascii: "&"): escaped += "&amp;".utf8
            case UInt8(ascii: "\""): escaped += "&#34;".utf8
            case UInt8(ascii: "'"): escaped += "&#39;".utf8
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
