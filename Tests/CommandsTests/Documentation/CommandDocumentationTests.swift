// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Protocol
import Testing

/// The programs that the article on commands shows stay, and answer.
@Suite("The programs of the documentation work", .serialized) struct CommandDocumentationTests {
    private let article: Article
    private let scratch: Scratch

    init() throws {
        article = try Article("Commands")
        scratch = try Scratch()
    }

    private func block(_ language: String) throws -> String {
        let blocks = article.blocks.filter { $0.language == language }
        #expect(blocks.count == 1)
        return try #require(blocks.first?.text)
    }

    /// One slice of it, by hand.
    private func slice(of program: String) throws -> SliceRecord {
        let result = try Command.run([
            Built.agent, "--cell", "command", "--set", "run=\(program)", "--set", "contract=stay",
            "--set", "metric=json:calls", "--set", "better=higher", "--slice", "20ms",
        ])
        try #require(result.succeeded, "\(result.output)")
        return try LineCodec.decode(SliceRecord.self, from: result.output.utf8)
    }

    @Test func theOneInCHasTenLinesAndAnswers() throws {
        let text = try block("c")
        let code = text.split(separator: "\n").filter { !$0.hasPrefix("#include") }
        #expect(code.count <= 10)
        let source = try scratch.file("calls.c", text)
        let path = "\(scratch.path)/calls"
        let compiled = try Command.run([
            "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", path, source,
        ])
        try #require(compiled.succeeded, "\(compiled.output)")
        let slice = try slice(of: path)
        #expect(slice.validity.isValid, "\(slice.validity)")
        #expect(slice.value ?? 0 > 0)
    }

    @Test(
        .enabled(if: SystemFile.exists("/usr/bin/python3"), "Python is not installed"))
    func theOneInPythonHasTenLinesAndAnswers() throws {
        let text = try block("python")
        #expect(text.split(separator: "\n").count <= 10)
        let path = try scratch.file("calls.py", text)
        _ = try Command.run(["chmod", "+x", path])
        let slice = try slice(of: path)
        #expect(slice.validity.isValid, "\(slice.validity)")
        #expect(slice.value ?? 0 > 0)
    }
}
