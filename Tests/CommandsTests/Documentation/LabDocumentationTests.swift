// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import LabSupport
import Linux
import Testing

@testable import Commands

/// The tables of the article Results against the journals of `make results`, where they are.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["PLUMBLINE_LAB"] == "1"
            && SystemFile.exists("\(Article.root)/.build/results"),
        "needs PLUMBLINE_LAB=1 and the journals of `make results`"))
struct LabDocumentationTests {
    /// What a line says, by its first words: the cells, values and set-ups of two measurements
    /// differ.
    private func kinds(_ text: String) -> Set<String> {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("    ") }
        return Set(
            lines.map { line in
                let words = line.split(separator: " ").prefix(2)
                let kind = words.filter { !$0.contains(where: \.isNumber) }.joined(separator: " ")
                return (line.hasPrefix(" ") ? "  " : "") + kind
            })
    }

    @Test("each line of a table is one that the reports of the journals have")
    func tables() throws {
        let folder = "\(Article.root)/.build/results"
        let journals = try SystemFile.list(folder).filter { $0.hasSuffix(".jsonl") }
            .map { "\(folder)/\($0)" }
        try #require(!journals.isEmpty)
        var real = try Command.run(
            [Built.plumbline, "report"] + journals, outputLimit: 4 << 20
        ).output
        for journal in journals {
            real += try Command.run([Built.plumbline, "report", journal], outputLimit: 4 << 20)
                .output
        }
        let known = kinds(real)
        for block in try Article("Results").blocks where !block.text.hasPrefix("$ ") {
            let unknown = kinds(block.text).subtracting(known).sorted()
            #expect(unknown.isEmpty, "line \(block.line): \(unknown)")
        }
    }
}
