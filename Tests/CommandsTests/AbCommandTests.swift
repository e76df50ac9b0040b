// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Testing

@testable import Commands

/// What `plumbline ab` refuses, and with which words.
@Suite struct AbCommandTests {
    /// An empty home, and with it an empty cache of kernels.
    private let home: ScratchDirectory

    init() throws { home = try ScratchDirectory() }

    private func refused(
        _ arguments: [String], code: Int32 = 64, says words: String,
        path: String = "/usr/sbin:/usr/bin:/sbin:/bin"
    ) async {
        let result = await Invocation(
            ["ab", "demo", "--agent", "/bin/true"] + arguments,
            environment: ["PATH": path, "HOME": home.path])
        #expect(result.code == code, "\(result.diagnostics)")
        #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
        #expect(result.document == "")
    }

    @Test func bothKernelsHaveToBeNamed() async {
        await refused([], says: "missing --a")
        await refused(["--a", "6.12"], says: "missing --b")
    }

    @Test func aWrongFileOfClaimsIsRefusedBeforeAnythingIsBuilt() async throws {
        let kernels = ["--a", "6.12", "--b", "6.12+dio-cache"]
        await refused(
            kernels + ["--claims", "/no/such"], says: "cannot read the file of claims /no/such")
        let file = "\(home.path)/claims.yaml"
        try Descriptor.open(file, [.write, .create]).writeAll(
            "set_ups: {lab: {}}\nfigures:\n- {cells: pipe/x, set_up: lab, change: 5}\n")
        await refused(kernels + ["--claims", file], says: "unknown cell 'pipe/x'")
    }

    @Test func aVariantThatDoesNotExistIsRefusedWithThoseThatDo() async {
        await refused(["--a", "6.12", "--b", "6.12+pipe-preallok"], says: "pipe-prealloc")
        await refused(["--a", "5.10", "--b", "6.12"], says: "6.12+dio-cache")
    }

    @Test func aFileThatIsNoKernelIsRefused() async {
        await refused(["--a", "/etc/hostname", "--b", "/etc/hostname"], says: "is not a kernel")
        await refused(["--a", "/no/such/bzImage", "--b", "x/y"], says: "/no/such/bzImage")
    }

    @Test func aCommitThatIsNoneIsRefused() async {
        await refused(["--a", "git:nowhere", "--b", "6.12"], says: "git:DIRECTORY@REFERENCE")
    }

    @Test func whatHasNoUseIsRefusedBeforeAnythingIsBuilt() async throws {
        let scratch = try ScratchDirectory()
        let image = "\(scratch.path)/bzImage"
        var bytes = [UInt8](repeating: 0, count: 1024)
        bytes.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
        try Descriptor.open(image, [.write, .create]).writeAll(bytes)
        let both = ["--a", image, "--b", image]
        await refused(["--agent", "/no/such"] + both, code: 1, says: "/no/such is not a program")
        await refused(["--agent", "/bin"] + both, code: 1, says: "/bin is not a program")
        guard Self.hasEmulator else { return }
        await refused(
            ["--config", "c"] + both, says: "--config c is not supported with two images")
        await refused(
            ["--drive-directory", "/no/such"] + both,
            says: "--drive-directory /no/such is not a directory")
        await refused(
            ["--a", image, "--b", "git:/no/such@x"], says: "/no/such is not a git repository")
    }

    private static let hasEmulator = SystemFile.exists("/usr/bin/qemu-system-x86_64")

    @Test func fewerThanFiveRoundsAreRefusedAndFewerThanABlockARoundToo() async {
        let both = ["--a", "x/y", "--b", "x/y"]
        for more in [[], ["--metric", "instructions"], ["--alternate"]] {
            for rounds in ["0", "4", "1001"] {
                await refused(
                    both + more + ["--rounds", rounds],
                    says: "invalid value '\(rounds)' for --rounds (allowed: 5 to 1000)")
            }
        }
        await refused(both + ["--blocks", "6"], says: "for --blocks (allowed: 8 to 1000000)")
        await refused(both + ["--budget", "1s"], says: "--budget 1.92s or more")
        await refused(
            both + ["--metric", "instructions", "--blocks", "4"], says: "(allowed: 5 to 1000000)")
    }

    @Test func relinksThatShowNothingAreRefused() async {
        let both = ["--a", "6.12", "--b", "6.12+dio-cache"]
        for number in ["1", "2", "17", "99", "-1"] {
            await refused(
                both + ["--relinks=\(number)"],
                says: "invalid value '\(number)' for --relinks (allowed: 0, or 3 to 16)")
        }
        await refused(both + ["--relinks", "1", "--list"], says: "how much a layout changes")
        await refused(both + ["--relinks", "x"], says: "'x'")
    }

    @Test(.enabled(if: hasEmulator))
    func anImageCannotBeRelinked() async throws {
        let scratch = try ScratchDirectory()
        let image = "\(scratch.path)/bzImage"
        var bytes = [UInt8](repeating: 0, count: 1024)
        bytes.replaceSubrange(0x202..<0x206, with: Array("HdrS".utf8))
        try Descriptor.open(image, [.write, .create]).writeAll(bytes)
        for other in [image, "6.12"] {
            await refused(
                ["--a", image, "--b", other, "--relinks", "3"],
                says: "--relinks 3 is not supported with the image \(image), which cannot be linked"
            )
        }
    }

    @Test func optionsThatDoNotGoTogetherAreRefused() async {
        await refused(
            ["--a", "x/y", "--b", "x/y", "--metric", "instructions", "--budget", "60s"],
            says: "--budget and --until-decided are not supported")
        await refused(
            ["--a", "x/y", "--b", "x/y", "--alternate", "--budget", "60s"], says: "--alternate")
    }

    @Test func wordsOfOneArmsCommandLineTellTheArmsApart() async {
        let result = await Invocation([
            "ab", "demo", "--a", "6.12+pipe-prealloc", "--b", "6.12+pipe-prealloc", "--append-a",
            "pipe.prealloc=N", "--append-b", "pipe.prealloc=Y quiet", "--list",
        ])
        #expect(result.code == 0, "\(result.diagnostics)")
        #expect(result.document.contains("A: 6.12+pipe-prealloc pipe.prealloc=N\n"))
        #expect(result.document.contains("B: 6.12+pipe-prealloc pipe.prealloc=Y quiet\n"))
    }

    @Test func whatWouldRunIsListedWithoutABoot() async {
        let result = await Invocation(
            ["ab", "demo", "--a", "6.12", "--b", "6.12+dio-cache", "--list", "--quick"])
        #expect(result.code == 0)
        #expect(result.document.contains("pipe/2w1r/64KiB/1MiB/none"))
        #expect(result.document.contains("at most "))
        #expect(result.document.contains("in 8 rounds of boots"))
    }
}
