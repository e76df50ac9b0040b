// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Testing

@testable import Commands

/// What is wrong with a program for a guest is said before anything boots.
@Suite(.serialized) struct GuestProgramRefusalTests {
    private let scratch: Scratch
    private let image: String
    /// What a QEMU that is started would make.
    private let mark: String

    init() throws {
        scratch = try Scratch()
        image = try scratch.file("kernel/bzImage", CachedKernel.image)
        mark = "\(scratch.path)/started"
        let emulator = try scratch.file(
            "bin/qemu-system-x86_64", "#!/bin/sh\n: >'\(mark)'\nexit 1\n")
        _ = try Command.run(["chmod", "+x", emulator])
    }

    /// A C program; its path.
    private func compiled(
        _ name: String, _ source: String, _ options: [String] = []
    ) throws -> String {
        let code = try scratch.file("\(name).c", source)
        let path = "\(scratch.path)/\(name)"
        let result = try Command.run(["gcc", "-o", path, code] + options)
        try #require(result.succeeded, "\(result.output)")
        return path
    }

    /// A program for AArch64, by the number in its head.
    private func foreign() throws -> String {
        let path = try compiled("foreign", "int main(void) { return 0; }")
        let file = try Descriptor.open(path, .write)
        _ = try ([183, 0] as [UInt8]).withUnsafeBytes { try file.write($0, at: 18) }
        return path
    }

    /// A program whose library is gone.
    private func incomplete() throws -> String {
        let library = try compiled(
            "libnumber.so", "int number(void) { return 4; }", ["-shared", "-fPIC"])
        let path = try compiled(
            "incomplete", "int number(void); int main(void) { return number(); }", [library])
        try SystemFile.unlink(library)
        return path
    }

    /// Every command that boots a guest, with a program behind --.
    private func commands() -> [[String]] {
        [
            ["run", "--kernel", image],
            ["toggle", "--kernel", image, "--knob", "sysctl:vm.swappiness=60,10"],
            ["ab", "--a", image, "--b", image, "--relinks", "0"],
        ]
    }

    private func expectRefusal(of run: [String], files: [String] = [], _ words: String...) async {
        for command in commands() {
            let result = await Invocation(
                command + ["--agent", Built.agent, "--accelerator", "tcg"]
                    + ["--output", "\(scratch.path)/j.jsonl"] + files.flatMap { ["--files", $0] }
                    + ["--"] + run,
                environment: [
                    "PATH": "\(scratch.path)/bin:/usr/bin:/bin",
                    "XDG_CACHE_HOME": "\(scratch.path)/cache",
                ])
            #expect(result.code == 64, "\(command[0]): \(result.diagnostics)")
            #expect(result.document == "", "\(command[0])")
            for word in words {
                #expect(
                    result.diagnostics.contains(word), "\(command[0]): \(result.diagnostics)")
            }
            #expect(!SystemFile.exists(mark), "\(command[0]) started QEMU")
            #expect(!SystemFile.exists("\(scratch.path)/j.jsonl"), "\(command[0])")
        }
    }

    @Test func aProgramThatIsNotThere() async {
        await expectRefusal(
            of: ["plumbline-no-such-program"],
            "there is no program 'plumbline-no-such-program' in PATH")
        await expectRefusal(of: ["/no/such/program"], "there is no program '/no/such/program'")
    }

    @Test func aFileThatIsNotExecutable() async throws {
        let path = try scratch.file("plain", "#!/bin/sh\n")
        await expectRefusal(of: [path], "'\(path)' is not executable", "chmod +x")
    }

    @Test func aProgramForAnotherProcessor() async throws {
        await expectRefusal(
            of: [try foreign()], "is a program for aarch64, and the guest is x86-64")
    }

    @Test func aMissingLibrary() async throws {
        await expectRefusal(of: [try incomplete()], "libnumber.so', which is missing")
    }

    @Test func aMissingInterpreter() async throws {
        let path = try scratch.file("script", "#!/no/such/interpreter\n")
        _ = try Command.run(["chmod", "+x", path])
        await expectRefusal(of: [path], "needs '/no/such/interpreter', which is missing")
    }

    @Test func whatIsWrongWithAProgramAmongItsFiles() async throws {
        await expectRefusal(of: ["true"], files: ["/no/such/file"], "'/no/such/file' for the guest")
        await expectRefusal(
            of: ["true"], files: [try incomplete()], "libnumber.so', which is missing")
        await expectRefusal(
            of: ["true"], files: [try foreign()], "is a program for aarch64, and the guest is")
    }

    @Test func aPathWithBlanksQuotesAndLineEndsIsNamedOnOneLine() async throws {
        let path = try scratch.file("a 'b\" $c\nd", "#!/bin/sh\n")
        await expectRefusal(of: [path], "a 'b\" $c d' is not executable")
    }
}
