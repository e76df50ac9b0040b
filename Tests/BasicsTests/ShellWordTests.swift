// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Basics

/// Words of a command line.
struct ShellWordTests {
    @Test(
        "a line is split as a shell splits it",
        arguments: [
            ("fio job.fio", ["fio", "job.fio"]), ("  a\t b\n", ["a", "b"]), ("", []),
            (#"a 'b c' "d e""#, ["a", "b c", "d e"]), (#"a'b'"c"d"#, ["abcd"]),
            (#"'' """#, ["", ""]), (#"a\ b \\ \""#, ["a b", #"\"#, "\""]),
            (#""\$ \` \" \\ \n""#, [#"$ ` " \ \n"#]), (#"'\n' "'""#, [#"\n"#, "'"]),
            ("a\\\nb 'c\nd'", ["ab", "c\nd"]), ("$HOME *.c", ["$HOME", "*.c"]),
            ("é'́'", ["é\u{301}"]),
        ])
    func split(line: String, words: [String]) {
        #expect(ShellWord.split(line) == words)
    }

    @Test("what is not closed is no line", arguments: ["'a", "\"a", "a\\", "\"a\\"])
    func open(line: String) {
        #expect(ShellWord.split(line) == nil)
    }

    @Test("what was quoted is split into the same words")
    func quoted() {
        let words = ["a b", "'", "\"", "$x", "", "a\nb", "\\", "é", "-o=x", "*"]
        #expect(ShellWord.split(ShellWord.line(words)) == words)
    }

    @Test("words and texts are lists in JSON")
    func settings() throws {
        let run = Setting("run", .words, default: nil, help: "")
        #expect(try run.parse("a 'b c'") == .words(["a", "b c"]))
        #expect(try run.parse(.words(["a b"])) == .words(["a b"]))
        for wrong in ["", "'", "''", "a\0b"] as [SettingValue] {
            #expect(throws: PlumblineError.self) { try run.parse(wrong) }
        }
        let texts = Setting("metric", .texts, default: nil, help: "")
        #expect(try texts.parse("key:a b") == .words(["key:a b"]))
    }
}
