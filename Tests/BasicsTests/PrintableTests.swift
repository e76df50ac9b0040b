// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Basics

struct PrintableTests {
    @Test(
        "a terminal cannot be driven by a text that was made printable",
        arguments: [
            ("plain ä 漢 👩‍👩‍👧", "plain ä 漢 👩‍👩‍👧"), ("a\u{1b}[2Jb", #"a\u{1b}[2Jb"#),
            ("a\nb\tc", "a b c"), ("a\r\nb", #"a\u{d} b"#), ("\u{9b}31m", #"\u{9b}31m"#),
            ("a\u{202e}b", #"a\u{202e}b"#), ("a\u{2028}b", #"a\u{2028}b"#), ("\u{7f}", #"\u{7f}"#),
        ])
    func escapes(text: String, shown: String) {
        #expect(text.printable == shown)
        #expect(shown.printable == shown)
    }

    @Test func messagesKeepTheirLines() {
        #expect("a\n  b\u{7}".printableLines == "a\n  b" + #"\u{7}"#)
    }

    @Test(
        "a setting's text has no control characters",
        arguments: ["a\nb", "a\u{1b}[2J", "a\u{0}", "\u{202e}x", ""])
    func settings(text: String) {
        for kind in [Setting.Kind.path, .text] {
            let setting = Setting("x", kind, default: nil, help: "")
            #expect(throws: PlumblineError.self) { try setting.parse(.text(text)) }
        }
    }
}
