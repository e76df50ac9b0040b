// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import SystemPackage
import Testing

@testable import Commands

/// The file of a report: whole or as it was, whatever happens meanwhile.
@Suite("The file of --output", .serialized) struct WholeFileTests {
    private let scratch: ScratchDirectory
    private let report: String

    init() throws {
        scratch = try ScratchDirectory()
        try FinishedComparison(effect: 1.1).write(to: "\(scratch.path)/ab.jsonl")
        report = try BuiltProgram.run("report ab.jsonl", in: scratch.path).document
    }

    private func text(_ name: String = "out") -> String? {
        try? SystemFile.read("\(scratch.path)/\(name)")
    }

    private func put(_ text: String, _ name: String = "out") throws {
        try Descriptor.open("\(scratch.path)/\(name)", [.write, .create, .truncate]).writeAll(text)
    }

    /// What is in the directory beside the journal.
    private var names: [String] {
        get throws { try SystemFile.list(scratch.path).filter { $0 != "ab.jsonl" } }
    }

    /// Runs `report` with a shell's words before it.
    @discardableResult
    private func run(_ before: String, _ options: String = "-o out") throws -> Command.Result {
        try Command.run([
            "sh", "-c",
            "cd '\(scratch.path)' && \(before) '\(Built.plumbline)' report ab.jsonl \(options)",
        ])
    }

    /// Words of strace that tamper with system calls.
    private func traced(_ injections: String...) -> String {
        "strace -f -qq -e signal=none -e trace=fsync,renameat2,link,unlink,rename -o trace "
            + injections.map { "-e inject=\($0)" }.joined(separator: " ")
    }

    private static let canTrace =
        (try? Command.run(["strace", "-e", "trace=none", "true"]))?.succeeded == true

    @Test("a file that came meanwhile is not replaced unasked, and nothing stays beside it")
    func meanwhile() throws {
        try put("mine")
        let file = WholeFile("\(scratch.path)/out")
        #expect(throws: Errno.fileExists) { try file.write("ours", replacing: false) }
        #expect(text() == "mine")
        try file.write("ours", replacing: true)
        #expect(text() == "ours")
        #expect(try names == ["out"])
    }

    @Test("a new file has the umask's permissions, and one that is replaced keeps its own")
    func permissions() throws {
        for (mask, bits) in [("077", UInt32(0o600)), ("002", 0o664), ("022", 0o644)] {
            try run("umask \(mask);", "-o out\(mask)")
            let made = try Descriptor.open("\(scratch.path)/out\(mask)").facts().permissions
            #expect(made == bits)
        }
        try put("old")
        try Descriptor.open("\(scratch.path)/out").setPermissions(0o640)
        try run("umask 077;", "--force -o out")
        #expect(text() == report)
        #expect(try Descriptor.open("\(scratch.path)/out").facts().permissions == 0o640)
    }

    @Test(
        "content, then name, then directory are brought to the disk",
        .enabled(if: canTrace, "strace does not work"))
    func synced() throws {
        #expect(try run(traced()).succeeded)
        let calls = try #require(text("trace")).split(separator: "\n").compactMap { line in
            ["fsync", "renameat2"].first { line.contains("\($0)(") && line.hasSuffix("= 0") }
        }
        #expect(calls == ["fsync", "renameat2", "fsync"])
    }

    @Test(
        "a file system that cannot rename without replacing gets a link",
        .enabled(if: canTrace, "strace does not work"), arguments: ["EINVAL", "ENOSYS"])
    func linked(error: String) throws {
        #expect(try run(traced("renameat2:error=\(error)")).succeeded)
        #expect(text() == report)
        #expect(try names == ["out", "trace"])
        // One that came after the check is found by the link too.
        try put("mine", "other")
        try put("ours", "draft")
        #expect(throws: Errno.fileExists) {
            try SystemFile.rename(
                "\(scratch.path)/draft", to: "\(scratch.path)/other", replacing: false)
        }
    }

    @Test(
        "a run that is killed leaves the old file or the new one, and the next run tidies up",
        .enabled(if: canTrace, "strace does not work"),
        arguments: ["fsync", "renameat2", "rename"], [false, true])
    func killed(call: String, replaces: Bool) throws {
        if replaces { try put("old") }
        let options = replaces ? "--force -o out" : "-o out"
        let result = try run(traced("\(call):signal=KILL:when=1"), options)
        let isKilled = call == "fsync" || (call == "rename") == replaces
        #expect(result.succeeded == !isKilled, "\(result.exit)")
        let left = text()
        #expect(left == report || left == (replaces ? "old" : nil), "\(left ?? "nothing")")
        if call == "fsync" { #expect(try names.contains { $0.hasPrefix(".plumbline-") }) }
        try run("", "-o other")
        #expect(text("other") == report)
        let now = try names
        #expect(now.allSatisfy { ["out", "other", "trace"].contains($0) }, "\(now)")
    }

    @Test("what another run is writing, and files of the user's, stay")
    func others() throws {
        for name in [".plumbline-1.new", ".plumbline-2.new", "notes.new", ".plumbline-3"] {
            try put("x", name)
        }
        let held = try Descriptor.open("\(scratch.path)/.plumbline-1.new")
        try held.lockExclusively()
        try run("")
        #expect(try names.sorted() == [".plumbline-1.new", ".plumbline-3", "notes.new", "out"])
    }
}
