// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@Suite("A word for a shell")
struct ShellWordTests {
    @Test("is read back unchanged by sh, whatever bytes it has")
    func isReadBack() throws {
        var generator = SystemRandomNumberGenerator()
        var words = [
            "", "'", "''", "'\\''", "\\", "\n", "$(id)", "`id`", "-n", "~", "!", "é", "'\u{301}",
            "a'\u{20dd}b",
        ]
        for _ in 0..<300 {
            let length = Int.random(in: 1...12, using: &generator)
            let scalars = (0..<length).map { _ in
                Character(Unicode.Scalar(UInt8.random(in: 1...126, using: &generator)))
            }
            words.append(String(scalars))
        }
        let said = try Command.run(["sh", "-c", "printf '%s\\0' " + ShellWord.line(words)])
        let read = said.output.split(separator: "\0", omittingEmptySubsequences: false)
        #expect(read.map { Array($0.utf8) } == (words + [""]).map { Array($0.utf8) })
    }

    @Test("is left as it is where nothing in it is special")
    func plainWords() {
        #expect(
            ShellWord.line(["uname", "-s", "/tmp/a.b_c", "a b"]) == "uname -s /tmp/a.b_c 'a b'")
    }
}
