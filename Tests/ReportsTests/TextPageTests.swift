// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Reports

@Suite("Pages, tables and paragraphs") struct TextPageTests {
    private func text(
        style: TextStyle = .plain, _ fill: (inout TextTable) -> Void
    ) -> String {
        var table = TextTable(indent: 2)
        fill(&table)
        var page = TextPage()
        page.add(table)
        return page.text(style: style)
    }

    @Test("a column is as wide as its widest cell, and numbers stand at its right")
    func columns() {
        let text = text { table in
            table.addTitles("name", .right("n"), "why")
            table.add("a", .right("1000"), "x")
            table.add("longer than the title", .right("7"), "")
            table.add(TextParagraph(lead: "a text across all columns, which measures nothing"))
            table.add("b", "", "y")
        }
        #expect(
            text == """
                  name                      n  why
                  a                      1000  x
                  longer than the title     7
                a text across all columns, which measures nothing
                  b                            y

                """)
    }

    @Test("a column without text is left out")
    func emptyColumn() {
        let text = text { table in
            table.add("a", "", "c")
            table.add("aa", "", "cc")
        }
        #expect(text == "  a   c\n  aa  cc\n")
    }

    @Test("text in the last column is wrapped inside it, and a long word stays whole")
    func wrapping() {
        let word = String(repeating: "x", count: 70)
        let words = Array(repeating: "word", count: 20).joined(separator: " ")
        let text = text { table in
            table.add("title", words)
            table.add("long", "a \(word) b")
        }
        let lines = text.split(separator: "\n").map(String.init)
        #expect(
            lines[0] == "  title  " + Array(repeating: "word", count: 14).joined(separator: " "))
        #expect(lines[1] == "         " + Array(repeating: "word", count: 6).joined(separator: " "))
        #expect(lines[2...] == ["  long   a", "         \(word)", "         b"])
    }

    @Test("a verbatim line is not broken")
    func verbatim() {
        let long = Array(repeating: "word", count: 40).joined(separator: " ")
        let text = text { table in
            table.add("title", "text")
            table.add(.verbatim("$ \(long)", indent: 4))
        }
        #expect(text == "  title  text\n    $ \(long)\n")
    }

    @Test("a paragraph has an indent, and lines after the first may hang")
    func paragraphs() {
        #expect(TextParagraph.wrap("a  bb\nccc", width: 4) == ["a bb", "ccc"])
        #expect(TextParagraph.wrap("a b c", width: 5, indent: 2, hanging: 4) == ["  a b", "    c"])
        #expect(TextParagraph.wrap("", width: 4) == [""])
        var page = TextPage()
        page.add(TextParagraph("one", indent: 1))
        page.add()
        page.add(.note("two"))
        #expect(page.text() == " one\n\n  two\n")
    }

    @Test("roles are shown in colours, and change no position")
    func roles() {
        func fill(_ table: inout TextTable) {
            table.addTitles("a", .right("number"))
            table.add(.left("good", .good), .right("1", .bad))
            table.add(TextParagraph(lead: "lead:", " rest", role: .warning))
        }
        #expect(text(fill) == "  a     number\n  good       1\nlead: rest\n")
        let coloured = text(style: .colored, fill)
        #expect(coloured.contains("  \u{1b}[32mgood\u{1b}[0m       \u{1b}[31m1\u{1b}[0m\n"))
        #expect(coloured.contains("\u{1b}[1mlead:\u{1b}[0m\u{1b}[33m rest\u{1b}[0m\n"))
    }

    @Test("a format of verdicts is refused before something is measured that has none")
    func withoutVerdicts() throws {
        for format in ReportFormat.all {
            let isGeneral = ["text", "json", "html"].contains(format.name)
            let isOfCells = ["csv", "gobench"].contains(format.name)
            #expect(((try? format.checkWithoutVerdicts()) != nil) == (isGeneral || isOfCells))
            #expect(((try? format.checkWithoutCells()) != nil) == isGeneral)
        }
    }

    @Test("every format has a name of its own, and other names are refused")
    func formats() {
        let names = ReportFormat.all.map(\.name)
        #expect(
            names == [
                "text", "json", "html", "gate", "junit", "ktap", "lava", "tmt", "lkml", "csv",
                "gobench",
            ])
        for name in names { #expect(ReportFormat(named: name)?.name == name) }
        #expect(ReportFormat(named: "xml") == nil)
    }

    @Test("a text of a journal cannot drive the terminal or begin a line of its own")
    func controls() {
        let text = text(style: .colored) { table in
            table.add("a\u{1b}[2Jb\nverdict: improved", .left("c\u{202e}", .good))
            table.add(TextParagraph("d\u{9b}1m\ne", role: .bad))
            table.add(.verbatim("f\rg\nh"))
        }
        #expect(text.split(separator: "\n").count == 3)
        #expect(text.contains(#"a\u{1b}[2Jb verdict: improved"#))
        #expect(text.contains(#"c\u{202e}"#))
        let others = text.replacing("\u{1b}[32m", with: "").replacing("\u{1b}[31m", with: "")
            .replacing("\u{1b}[0m", with: "")
        #expect(!others.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    }
}
