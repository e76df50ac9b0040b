// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Testing

@testable import Commands

/// What `plumbline target` and `plumbline ab --on` say without a machine.
@Suite struct TargetCommandTests {
    private let scratch: ScratchDirectory
    /// A machine that cannot be reached: no ssh listens on the port.
    private let file: String

    init() throws {
        scratch = try ScratchDirectory()
        file = "\(scratch.path)/box.yaml"
        try Descriptor.open(file, [.write, .create]).writeAll(
            """
            host: ssh://127.0.0.1:1
            boot: grub-reboot
            kernels:
              stock: {entry: a}
              patched: {entry: b}
              third: {entry: c}
            """)
        try Descriptor.open("\(scratch.path)/ssh_config", [.write, .create]).writeAll("\n")
    }

    private func invoke(_ words: [String]) async -> Invocation {
        await Invocation(words, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
    }

    @Test(arguments: ["grub-reboot", "systemd-boot", "kexec", "commands"])
    func anExampleOfEachWayIsPrinted(way: String) async {
        let result = await invoke(["target", "example", way])
        #expect(result.code == 0)
        #expect(result.document.contains("\nboot: \(way)\n"))
    }

    @Test func aWrongFileAndAnUnknownKernelAreUsageErrors() async {
        var result = await invoke(["target", "check", "/no/such"])
        #expect(result.code == 64)
        #expect(result.diagnostics.contains("cannot read the target file /no/such"))
        for place in ["/dev/null", scratch.path] {
            result = await invoke(["target", "check", place])
            #expect(result.code == 64)
            #expect(result.diagnostics.contains("\(place) is not a regular file"))
            #expect(result.diagnostics.contains("plumbline target example"))
            #expect(!result.diagnostics.contains("suite"))
        }
        result = await invoke(["target", "check", file, "--kernel", "pached"])
        #expect(result.code == 64)
        #expect(result.diagnostics.contains("did you mean patched?"), "\(result.diagnostics)")
    }

    @Test(.enabled(if: SystemFile.exists("/usr/bin/ssh"), "ssh is not installed"))
    func aMachineThatDoesNotAnswerFailsTheFirstStep() async throws {
        let result = await invoke(
            [
                "target", "check", file, "--agent", "/bin/true", "--ssh-config",
                "\(scratch.path)/ssh_config",
            ])
        #expect(result.code == 1, "\(result.diagnostics)")
        #expect(result.document.hasPrefix("FAILED  connect: "), "\(result.document)")
        #expect(result.document.split(separator: "\nok").count == 1)
    }

    @Test func theKernelsOfAComparisonAreNamesOfTheFile() async throws {
        var result = await invoke(["ab", "demo", "--on", file])
        #expect(result.code == 64)
        #expect(result.diagnostics.contains("name two of the kernels in"), "\(result.diagnostics)")
        result = await invoke(["ab", "demo", "--on", file, "--a", "stock", "--b", "6.12"])
        #expect(result.code == 64)
        #expect(result.diagnostics.contains("unknown kernel '6.12'"), "\(result.diagnostics)")
        result = await invoke(
            ["ab", "demo", "--on", file, "--a", "stock", "--b", "third", "--rounds", "7", "--list"])
        #expect(result.code == 0, "\(result.diagnostics)")
        #expect(result.document.contains("A: stock\nB: third\n"), "\(result.document)")
        #expect(result.document.contains("in 7 rounds of boots"), "\(result.document)")
    }

    @Test(arguments: [
        (["--cpus", "2"], "--cpus is not supported with --on"),
        (["--append-a", "x"], "--append-a is not supported with --on"),
        (["--budget", "60s"], "give --rounds"), (["--relinks", "3"], "--relinks is not supported"),
        (["--metric", "instructions"], "--metric pmu"),
    ])
    func whatOnlyGuestsHaveIsRefused(more: [String], words: String) async {
        let result = await invoke(
            ["ab", "demo", "--on", file, "--a", "stock", "--b", "third"] + more)
        #expect(result.code == 64)
        #expect(result.diagnostics.contains(words), "\(result.diagnostics)")
    }
}
