// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Testing

/// What programs need, held against ldd(1).
@Suite struct ProgramFilesTests {
    private static let path = "/usr/sbin:/usr/bin:/sbin:/bin"

    /// The libraries and the loader that ldd finds, symbolic links resolved.
    private func answer(ofLdd program: String) throws -> Set<String> {
        let output = try Command.run(["ldd", "--", program]).output
        var found: Set<String> = []
        for line in output.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            guard let path = words.first(where: { $0.hasPrefix("/") }) else { continue }
            found.insert(try SystemFile.resolve(path))
        }
        return found
    }

    @Test(
        "the libraries of a program are those that ldd tells",
        arguments: [
            "sh", "bash", "ls", "gcc", "git", "ssh", "gzip", "fio", "perf", "stress-ng",
            "qemu-system-x86_64", "python3", "hackbench", "cyclictest", "mkfs.ext4", "mkfs.xfs",
        ])
    func libraries(name: String) throws {
        // What is not installed has no libraries.
        guard let program = try? ProgramFiles.find(name, in: Self.path) else { return }
        let files = try ProgramFiles(of: program, searchPath: Self.path)
        guard try ELFFile(readingFrom: program) != nil else { return }
        let own = Set(try files.paths.dropFirst().map { try SystemFile.resolve($0) })
        #expect(own == (try answer(ofLdd: program)))
    }

    @Test func theTestsOwnProgramHasItsLoader() throws {
        let own = try SystemFile.ownProgram()
        let file = try #require(try ELFFile(readingFrom: own))
        #expect(file.machine == .current)
        #expect(file.interpreter?.contains("ld-linux") == true)
        #expect(file.needed.contains { $0.hasPrefix("libc.so") })
    }

    @Test("a script needs its interpreter, also by env, and that one's libraries")
    func scripts() throws {
        let directory = "/tmp/plumbline-files-\(UInt64.random(in: 0 ... .max))"
        try SystemFile.makeDirectory(directory)
        defer { _ = try? Command.run(["rm", "-rf", directory]) }
        for (line, expected) in [
            ("#!/bin/sh", ["/bin/sh"]), ("#! /bin/sh -e", ["/bin/sh"]),
            ("#!/usr/bin/env bash", ["/usr/bin/env", "/usr/bin/bash"]),
            ("#!/usr/bin/env -S A=1 bash -e", ["/usr/bin/env", "/usr/bin/bash"]),
        ] {
            let path = "\(directory)/a script"
            try Descriptor.open(path, [.write, .create, .truncate], mode: 0o755)
                .writeAll("\(line)\necho\n")
            let files = try ProgramFiles(of: path, searchPath: Self.path)
            #expect(files.paths.first == path)
            #expect(Set(expected).isSubset(of: files.paths), "\(line): \(files.paths)")
            #expect(files.paths.contains { $0.contains("/libc.so") })
        }
        let path = "\(directory)/other"
        try Descriptor.open(path, [.write, .create], mode: 0o755)
            .writeAll("#!/usr/bin/env no-such-interpreter\n")
        #expect(
            throws: ProgramFiles.Problem.noInterpreter(path, interpreter: "no-such-interpreter")
        ) { try ProgramFiles(of: path, searchPath: Self.path) }
    }

    @Test("files that are cut off are no ELF files, or need nothing")
    func damaged() throws {
        let directory = "/tmp/plumbline-files-\(UInt64.random(in: 0 ... .max))"
        try SystemFile.makeDirectory(directory)
        defer { _ = try? Command.run(["rm", "-rf", directory]) }
        let whole = try Descriptor.open("/bin/sh").readAll()
        for length in [0, 3, 4, 20, 63, 64, 200, 1000, 5000, 60_000] {
            let path = "\(directory)/cut"
            let file = try Descriptor.open(path, [.write, .create, .truncate])
            try file.writeAll(Array(whole.prefix(length)))
            #expect(throws: Never.self) { try ELFFile(readingFrom: path) }
        }
    }

    /// Bytes of a place in a file.
    private struct Place {
        let start: Int
        let count: Int
    }

    /// A copy of sh(1), and where its loaded segments' entries and its tables are.
    private func copyOfShell(
        in directory: String
    ) throws -> (path: String, loads: [Int], tables: [Place]) {
        let whole = try Descriptor.open("/bin/sh").readAll()
        let path = "\(directory)/damaged"
        try Descriptor.open(path, [.write, .create, .truncate]).writeAll(whole)
        func number(at start: Int, _ width: Int) -> Int {
            whole[start..<start + width].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        let (head, count) = (number(at: 32, 8), number(at: 56, 2))
        let entries = (0..<count).map { head + 56 * $0 }
        let dynamic = try #require(entries.first { number(at: $0, 4) == 2 })
        return (
            path, entries.filter { number(at: $0, 4) == 1 },
            [
                Place(start: 0, count: head + 56 * count),
                Place(start: number(at: dynamic + 8, 8), count: number(at: dynamic + 32, 8)),
            ]
        )
    }

    @Test("a segment that begins beyond the largest place has no libraries")
    func tooLargeAPlace() throws {
        let directory = "/tmp/plumbline-files-\(UInt64.random(in: 0 ... .max))"
        try SystemFile.makeDirectory(directory)
        defer { _ = try? Command.run(["rm", "-rf", directory]) }
        let (path, loads, _) = try copyOfShell(in: directory)
        #expect(try ELFFile(readingFrom: path)?.needed.isEmpty == false)
        let file = try Descriptor.open(path, .write)
        for load in loads {
            _ = try withUnsafeBytes(of: Int.max.littleEndian) { bytes in
                try file.write(bytes, at: load + 8)
            }
        }
        #expect(try ELFFile(readingFrom: path)?.needed == [])
    }

    @Test("a file with any bytes in its tables is read to an end")
    func anyBytes() throws {
        let directory = "/tmp/plumbline-files-\(UInt64.random(in: 0 ... .max))"
        try SystemFile.makeDirectory(directory)
        defer { _ = try? Command.run(["rm", "-rf", directory]) }
        let (path, _, tables) = try copyOfShell(in: directory)
        let whole = try Descriptor.open(path).readAll()
        let file = try Descriptor.open(path, .write)
        for turn in 0..<2000 {
            let table = tables[turn % tables.count]
            let values: [Int] = [.max, .max - 1, .min, -1, 0, 1 << 62, .random(in: .min ... .max)]
            for _ in 0..<Int.random(in: 1...4) {
                let start = table.start + 8 * Int.random(in: 0..<table.count / 8)
                _ = try withUnsafeBytes(of: values.randomElement() ?? 0) { bytes in
                    try file.write(bytes, at: start)
                }
            }
            #expect(throws: Never.self) { try ELFFile(readingFrom: path) }
            _ = try whole[table.start..<table.start + table.count].withUnsafeBytes { bytes in
                try file.write(bytes, at: table.start)
            }
        }
    }
}
