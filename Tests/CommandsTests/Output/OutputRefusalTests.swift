// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing

@testable import Commands

/// What `--output` says of a file that it cannot write.
@Suite("A file of --output that cannot be written", .serialized) struct OutputRefusalTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
        try FinishedComparison(effect: 1.1).write(to: "\(scratch.path)/ab.jsonl")
    }

    /// What a shell's words print that run `$P` in the directory.
    private func output(of script: String) throws -> String {
        try Command.run([
            "sh", "-c",
            "cd '\(scratch.path)' && export P='\(Built.plumbline)' && { \(script)\n} 2>&1",
        ]).output
    }

    @Test(
        "by its kind, and how to mend it",
        arguments: [
            ("mkdir d", "d", "--output d is a directory", "give the path of a file"),
            ("", "no/such", "No such file or directory", "make its directory"),
            ("", "ab.jsonl/x", "Not a directory", "give a path in a directory"),
            ("ln -s nothing l", "l", "--output l is not a regular file", "another path"),
            ("", String(repeating: "n", count: 256), "File name too long", "a shorter path"),
        ])
    func refused(prepare: String, path: String, words: String, remedy: String) throws {
        _ = try output(of: prepare.isEmpty ? ":" : prepare)
        for force in ["", "--force"] {
            let said = try output(of: "$P report ab.jsonl -o \(path) \(force); echo code $?")
            #expect(said.contains(words) && said.contains(remedy), "\(said)")
            #expect(said.hasSuffix("code 64\n"), "\(said)")
        }
    }

    private static let canMount =
        ChildProcess.userID == 0
        && (try? Command.run(["unshare", "-m", "mount", "-t", "tmpfs", "x", "/mnt"]))?.succeeded
            == true

    @Test(
        "a read-only file system, and a full one", .enabled(if: canMount, "root cannot mount here"),
        arguments: [
            (
                "mount -o remount,ro m", "cannot be written: Read-only file system",
                "not read-only", 64
            ),
            (
                "dd if=/dev/zero of=m/big 2>/dev/null", "m/out: No space left on device",
                "make room there", 1
            ),
        ])
    func fileSystems(prepare: String, words: String, remedy: String, code: Int) throws {
        let said = try output(
            of: """
                mkdir m; export P; unshare -m sh -c 'mount -t tmpfs -o size=64k x m; \(prepare); \
                "$P" report ab.jsonl -o m/out; echo code $?; ls -A m | grep -v big'
                """)
        #expect(said.contains(words) && said.contains(remedy), "\(said)")
        #expect(said.hasSuffix("code \(code)\n"), "\(said)")
    }

    @Test(
        "as another user: a file that cannot be read, and a directory that cannot be written",
        .enabled(if: ChildProcess.userID == 0, "needs root"))
    func permissions() throws {
        let said = try output(
            of: """
                chmod 755 . && mkdir -m 777 open && echo x >open/secret && chmod 600 open/secret
                as="setpriv --reuid 65534 --regid 65534 --clear-groups"
                $as $P report ab.jsonl -o open/secret
                $as $P report ab.jsonl -o open/secret --force
                $as $P report ab.jsonl -o out
                cat open/secret
                """)
        let lines = said.split(separator: "\n")
        #expect(
            lines == [
                "plumbline: --output open/secret exists",
                "  give another path, or --force to replace it",
                "plumbline: --output open/secret cannot be read, so that it may be a journal, which "
                    + "is never replaced",
                "  remove it, or give another path",
                "plumbline: --output out cannot be written: Permission denied",
                "  give a path in a directory that you may write to",
                "x",
            ], "\(said)")
    }
}
