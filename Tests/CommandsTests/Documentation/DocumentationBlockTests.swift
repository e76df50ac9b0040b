// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import LabSupport
import Linux
import Protocol
import SchemaSupport
import Testing
import Yams

@testable import Commands

/// What the README and the articles show beside commands: files, documents, output.
@Suite("The blocks of the documentation are right", .serialized)
struct DocumentationBlockTests {
    private let articles: [Article]

    init() throws { articles = try Article.all() }

    /// Each block of a language with its place.
    private func blocks(_ languages: String...) -> [(place: String, block: Article.Block)] {
        articles.flatMap { article in
            article.blocks.filter { languages.contains($0.language) }
                .map { (place: "\(article.path):\($0.line)", block: $0) }
        }
    }

    /// Runs plumbline with a block in a file.
    private func check(_ block: Article.Block, at place: String, by words: [String]) throws {
        let scratch = try Scratch()
        try scratch.file("block.yaml", block.text)
        let result = try Command.run(
            ["env", "-C", scratch.path, Built.plumbline] + words + ["--list"])
        #expect(result.succeeded, "\(place): \(result.output)")
    }

    @Test("every block has a language that a test knows")
    func languages() {
        let known = ["sh", "", "text", "yaml", "ini", "json", "groovy", "c", "python"]
        for article in articles {
            for block in article.blocks where !known.contains(block.language) {
                Issue.record(
                    "\(article.path):\(block.line): no test says how '\(block.language)' is proven")
            }
            // Jenkins' file is run by GateRecipeTests.
            // Programs are run by CommandDocumentationTests and AnotherPathTests.
            let programs = article.blocks.filter { ["c", "python"].contains($0.language) }
            let isProven = ["Commands", "AnotherPath"].contains(article.name)
            #expect(programs.isEmpty || isProven, "\(article.path)")
            let groovy = article.blocks.filter { $0.language == "groovy" }
            #expect(groovy.allSatisfy { $0.section == "Jenkins" }, "\(article.path)")
        }
    }

    /// The first keys of files for other programs; GateRecipeTests runs what they say.
    private static let filesOfOthers: Set<String> = ["gate", "jobs", "metadata", "summary"]

    @Test("suites, target files and claims are accepted, and other YAML parses")
    func yaml() throws {
        for (place, block) in blocks("yaml") {
            let keys = (try Yams.load(yaml: block.text) as? [String: Any])?.keys.map { $0 } ?? []
            if keys.contains("cells") {
                try check(block, at: place, by: ["run", "block.yaml"])
            } else if block.isTargetFile {
                try check(
                    block, at: place,
                    by: ["ab", "smoke", "--on", "block.yaml", "--a", "stock", "--b", "patched"])
            } else if block.isClaims {
                try check(
                    block, at: place,
                    by: [
                        "toggle", "pipe-prealloc", "--knob", "set:timing=op,op", "--claims",
                        "block.yaml",
                    ])
            } else {
                #expect(
                    !Self.filesOfOthers.isDisjoint(with: keys),
                    "\(place): no test knows a file with \(keys.sorted())")
            }
        }
    }

    @Test(
        "systemd: the units verify",
        .enabled(if: SystemFile.exists("/usr/bin/systemd-analyze"), "systemd is not installed"))
    func units() throws {
        let scratch = try Scratch()
        var names: [String] = []
        for (place, block) in blocks("ini") {
            let name = block.text.firstMatch(of: /^# \/etc\/systemd\/system\/(\S+)\n/)?.1
            guard let name else {
                Issue.record("\(place): the first line is not '# /etc/systemd/system/UNIT'")
                continue
            }
            // The program is not installed where the tests run.
            try scratch.file(
                String(name), block.text.replacing("/usr/bin/plumbline", with: "/bin/true"))
            names.append(String(name))
        }
        #expect(names.count > 1)
        let result = try Command.run(
            ["env", "-C", scratch.path, "systemd-analyze", "verify"] + names)
        #expect(result.exit == .exited(0), "\(result.output)")
        #expect(!names.contains { result.output.contains($0) }, "\(result.output)")
    }

    /// The commands whose `--schema` is that of their `--format json`.
    private static let schemas = [
        ["run"], ["compare"], ["bisect"], ["series"], ["fleet", "status"], ["fleet", "collect"],
    ]

    @Test("documents of JSON are valid by a schema that a command prints")
    func json() async throws {
        var schemas: [SchemaValidator] = []
        for command in Self.schemas {
            schemas.append(try SchemaValidator(await Invocation(command + ["--schema"]).document))
        }
        for (place, block) in blocks("json") {
            let document = try LineCodec.decode(JSONValue.self, from: block.text.utf8)
            let problems = schemas.map { $0.problems(document) }
            #expect(problems.contains([]), "\(place): \(problems)")
        }
    }

    /// Words in outputs that are not the program's: models of CPUs, and the kernel's own.
    private static let wordsOfOthers: Set<String> = [
        "epyc", "fatal", "panic", "exception", "syncing", "bioset",
    ]

    @Test("output that is shown without its command has the program's words")
    func excerpts() throws {
        let listed = try Command.run(
            [
                "grep", "-rhoE", "--include=*.swift", "--include=*.yaml", "[A-Za-z]{4,}",
                "\(Article.root)/Sources",
            ], outputLimit: 64 << 20)
        try #require(listed.succeeded && !listed.isTruncated)
        let known = Set(listed.output.lowercased().split(separator: "\n").map(String.init))
            .union(Self.wordsOfOthers)
        for (place, block) in blocks("", "text") where !block.text.hasPrefix("$ ") {
            let isOfCommands = block.text.contains(/(?m)^(sudo |plumbline |plumbline-|make |git )/)
            #expect(!isOfCommands, "\(place): begin commands with '$ ', or mark the block with sh")
            let words = Set(
                block.text.lowercased().split { !$0.isLetter }.map(String.init)
                    .filter { $0.count > 3 && $0.allSatisfy(\.isASCII) })
            let unknown = words.subtracting(known).sorted()
            #expect(
                unknown.isEmpty,
                "\(place): no source has \(unknown)")
        }
    }
}
