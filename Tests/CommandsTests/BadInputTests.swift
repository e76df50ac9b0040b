// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// Each wrong input through the real program: its exit code, one message, nothing left behind.
@Suite("Bad input", .serialized) struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var words: String
        var exit: Int32
        var message: String
        var files: [String: String] = [:]
        var testDescription: String { words }

        init(_ words: String, _ exit: Int32, _ message: String, _ files: [String: String] = [:]) {
            self.words = words
            self.exit = exit
            self.message = message
            self.files = files
        }
    }

    private static let head = "suite: x\ncells: "
    private static let pipe = head + "[{workload: pipe, "
    private static let short = " --slice 1ms --slices 1 --quiet"

    static let cases: [Case] = [
        Case("run smoke --colour", 64, "--colour"),
        Case("run smok", 64, "did you mean smoke"),
        Case("run missing.yaml", 64, "missing.yaml"),
        Case("run smoke --cells 'tape/*'", 64, "tape/*"),
        Case("run smoke --set pipe.msgsise=1", 64, "did you mean msgsize"),
        Case("run smoke --set pipe.msgsize=4q", 64, "4q"),
        Case("run smoke --set pipe.msgsize=0", 64, "msgsize"),
        Case("run smoke --set pipe.msgsize=2147483648", 64, "msgsize"),
        Case("run smoke --slice 5", 64, "500ms"),
        Case("run smoke --slice 5", 64, "the unit is missing, as in 5s;"),
        Case("run smoke --slice 1000000h", 64, "1000000h"),
        Case("run s.yaml", 64, "such as 500ms", ["s.yaml": "suite: x\nslice: 5\ncells: []"]),
        Case("toggle smoke --knob set:timing=op,op --equivalence 5", 64, "as in 5%; allowed:"),
        Case("toggle smoke --knob set:timing=op,op --budget 60", 64, "as in 60s; allowed:"),
        Case("toggle smoke --knob set:timing=op,op --budget 60q", 64, "'60q' for --budget (allow"),
        Case("history trend --least-change 5", 64, "the unit is missing, as in 5%; allowed:"),
        Case("ab demo --a nowhere/bzImage --b 6.12 --list", 64, "nowhere/bzImage"),
        Case("ab demo --a 6.12 --b 6.12 --claims no --list", 64, "claims no: No such file"),
        Case("ab demo --a git:.@v1 --b 6.12 --list", 64, "is not a git repository"),
        Case("run demo --kernel nowhere/bzImage --list", 64, "nowhere/bzImage"),
        Case("toggle demo --kernel 6.12 --switch pipe-prealloc --list", 64, "pipe-prealloc"),
        Case("run smoke --slices 0", 64, "slices"),
        Case("run smoke --seed -1", 64, "--seed"),
        Case("run s.yaml", 64, "s.yaml:", ["s.yaml": head + "[{workload: pipe"]),
        Case("run s.yaml", 64, "did you mean", ["s.yaml": pipe + "writerz: 1}]"]),
        Case("run s.yaml", 64, "writers", ["s.yaml": pipe + "writers: 1, writers: 2}]"]),
        Case("run s.yaml", 64, "tape", ["s.yaml": head + "[{workload: tape}]"]),
        Case("run s.yaml", 64, "cells", ["s.yaml": "suite: x"]),
        Case("run s.yaml", 64, "s.yaml", ["s.yaml": "&a [*a, *a]"]),
        Case("run s.yaml", 64, "s.yaml", ["s.yaml": String(repeating: "# x\n", count: 300_000)]),
        Case("run .", 64, "not a regular file"),
        Case(
            "run s.yaml", 64, "multiple of 512",
            ["s.yaml": head + "[{workload: dio, bs: 1000, size: 1000}]"]),
        Case(
            "run s.yaml" + short, 64, "nowhere",
            ["s.yaml": head + "[{workload: dio, filename: nowhere}]"]),
        Case(
            "run s.yaml" + short, 64, "directory",
            ["s.yaml": head + "[{workload: dio, filename: /tmp}]"]),
        Case(
            "run s.yaml", 64, "floppy", ["s.yaml": head + "[{workload: dio, storage: floppy}]"]),
        Case(
            "run s.yaml --list", 64, "zram:btrfs",
            ["s.yaml": head + "[{workload: dio, storage: 'zram:btrfs'}]"]),
        Case("run smoke --list --set dio.storage=floppy", 64, "floppy"),
        Case(
            "run s.yaml", 64, "run has {storage}, and the cell has no storage",
            ["s.yaml": head + "[{workload: command, run: ['true', '{storage}']}]"]),
        Case("run -- true '{storage}'", 64, "add storage: zram:ext4"),
        Case("run --storage floppy -- true", 64, "unknown storage 'floppy'"),
        Case("run smoke --storage zram:ext4", 64, "--storage is not supported without a program"),
        Case("run smoke --list --set memcg.limit=4m --set pipe.msgsize=64m", 64, "buffers"),
        Case("run s.yaml", 64, "a/b", ["s.yaml": "suite: a/b\ncells: [{workload: pipe}]"]),
        Case(
            "run s.yaml", 64, "has a /", ["s.yaml": "suite: a/\u{301}b\ncells: [{workload: pipe}]"]),
        Case("fleet status", 64, "missing a directory"),
        Case("bisect", 64, "missing a suite"),
        Case("bisect smoke --cells '*/none'", 64, "bisect needs one cell"),
        Case("series", 64, "missing a suite"),
        Case("run --bogus", 64, "--bogus"),
        Case("run smoke --output no/such/place", 64, "no/such/place"),
        Case("run smoke --output there", 64, "--resume", ["there": "x"]),
        Case("run smoke --output . ", 64, "directory"),
        Case("run smoke --resume", 64, "--output"),
        Case("run smoke --resume --output there", 1, "line 1", ["there": "garbage\n"]),
        Case("run smoke --agent /bin/true --output j" + short, 1, "/bin/true"),
        Case("run smoke --agent /nowhere --output j" + short, 1, "/nowhere"),
        Case("run smoke --format junit", 64, "--format junit is not supported here"),
        Case("doctor --json --restore", 64, "--restore"),
    ]

    @Test("is reported once, with the documented exit code, and leaves nothing", arguments: cases)
    func refused(one: Case) throws {
        try BuiltProgram.inDirectory { directory in
            for (name, text) in one.files {
                let file = try Descriptor.open("\(directory)/\(name)", [.write, .create])
                try file.writeAll(text)
            }
            let before = try SystemFile.list(directory)
            let outcome = try BuiltProgram.run(one.words, in: directory)
            #expect(outcome.exit == .exited(one.exit))
            #expect(outcome.diagnostics.contains(one.message))
            #expect(!outcome.diagnostics.contains("Fatal"))
            let left = try SystemFile.list(directory).filter { !before.contains($0) }
            #expect(outcome.document.isEmpty)
            #expect(left.isEmpty)
        }
    }

    @Test("a second run with the same journal is refused, and the first one goes on")
    func twoWriters() throws {
        try BuiltProgram.inDirectory { directory in
            let words = "run smoke --cells 'pipe/1w1r/4KiB/*none' --slices 4 --output j --quiet"
            let null = try Descriptor.open("/dev/null", .write)
            let first = try Command.spawn(
                ["sh", "-c", "cd '\(directory)' && exec '\(BuiltProgram.path)' \(words)"],
                output: null)
            try eventually("the journal is there") { SystemFile.exists("\(directory)/j") }
            let second = try BuiltProgram.run(words, in: directory)
            #expect(second.exit != .exited(0))
            #expect(second.diagnostics.contains("\(directory)/j") || !second.diagnostics.isEmpty)
            #expect(try first.wait() == .exited(0))
        }
    }

    @Test("Ctrl-C ends a run with 130, keeps the journal, and it can be resumed")
    func interrupted() throws {
        try BuiltProgram.inDirectory { directory in
            let words = "run smoke --cells 'pipe/1w1r/4KiB/*none' --slices 12 --output j --quiet"
            let null = try Descriptor.open("/dev/null", .write)
            let run = try Command.spawn(
                ["sh", "-c", "cd '\(directory)' && exec '\(BuiltProgram.path)' \(words)"],
                output: null)
            // The second line is the first slice.
            try eventually("a slice is there") { try lines("\(directory)/j") >= 2 }
            try run.kill(2)
            #expect(try run.wait() == .exited(130))
            let resumed = try BuiltProgram.run(words + " --resume", in: directory)
            #expect(resumed.exit == .exited(0))
            #expect(resumed.document.contains("pipe 1w1r 4k"))
        }
    }

    private func lines(_ path: String) throws -> Int {
        guard SystemFile.exists(path) else { return 0 }
        return try SystemFile.read(path).split(separator: "\n").count
    }
}
