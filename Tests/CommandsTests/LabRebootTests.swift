// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Journal
import LabSupport
import Linux
import Testing

@testable import Commands

/// A machine that really reboots between two kernels, over a real ssh.
@Suite(.serialized, .disabled(if: RebootGuest.missing != nil, "\(RebootGuest.missing ?? "")"))
struct LabRebootTests {
    private static let suite = """
        suite: pipes
        slice: 100ms
        guard: 20ms
        cells:
          - {workload: pipe, writers: 1, readers: 1}

        """

    private func run(_ words: [String], on guest: RebootGuest) async -> Invocation {
        await Invocation(
            words + ["--ssh-config", guest.configuration, "--agent", RebootGuest.agent],
            environment: ProcessInfo.processInfo.environment)
    }

    @Test func kexecOverSSHComparesTwoKernelsByReboots() async throws {
        let guest = try RebootGuest()
        let kernels = RebootGuest.kernels
        try guest.start(kernels[0])
        let entries = zip(["old", "new"], kernels).map { name, release in
            "  \(name): {image: /boot/vmlinuz-\(release), initrd: /boot/initrd, "
                + "expect: {release: \(release), command_line: console=ttyS0}}"
        }
        let file = try guest.file(
            "boot: kexec\nreboot: [kexec, -e]\nkernels:\n\(entries.joined(separator: "\n"))")
        let suite = "\(guest.scratch.path)/pipes.yaml"
        try Descriptor.open(suite, [.write, .create]).writeAll(Self.suite)
        let path = "\(guest.scratch.path)/j.jsonl"
        let result = await run(
            ["ab", suite, "--on", file, "--rounds", "5", "--output", path], on: guest)
        #expect(
            [0, 3, 4].contains(result.code),
            "\(result.diagnostics)\n\(result.document)\n\(guest.console.suffix(3000))")
        let journal = try StoredJournal(readingFrom: path)
        #expect(journal.voidRounds.isEmpty, "\(journal.voidRounds)")
        #expect(journal.rounds.count == 10)
        for round in journal.rounds {
            let (arm, hello) = try #require(round.hosts.first)
            let release = kernels[arm == .a ? 0 : 1]
            #expect(hello.kernelRelease == release)
            #expect(round.boots?[arm]?.version.hasPrefix("Linux version \(release) ") == true)
        }
        #expect(Set(journal.rounds.compactMap { $0.boots?.values.first?.bootID }).count == 10)
        #expect(result.document.contains("one kernel at a time, each block a pair of boots"))
    }

    @Test func aScriptHereThatRestartsTheGuestIsCheckedStepByStep() async throws {
        let guest = try RebootGuest()
        let kernels = RebootGuest.kernels
        try guest.start(kernels[0])
        // The second name boots what the first one did not expect.
        let file = try guest.file(
            """
            boot: commands
            reboot: {run: [\(guest.restart), "{kernel}"], where: here}
            kernels:
              \(kernels[1]): {expect: {release: \(kernels[1])}}
              \(kernels[0]): {expect: {release: \(kernels[1])}}
            """)
        let result = await run(["target", "check", file], on: guest)
        #expect(result.code == 1, "\(result.diagnostics)\n\(result.document)")
        let lines = result.document.split(separator: "\n").map(String.init)
        for step in [
            "connect", "agent", "\(kernels[1]): reboot", "\(kernels[1]): wait",
            "\(kernels[1]): identity", "\(kernels[0]): wait",
        ] {
            #expect(
                lines.contains { $0.hasPrefix("ok      \(step): ") }, "\(step)\n\(result.document)")
        }
        #expect(
            lines.contains {
                $0.hasPrefix(
                    "FAILED  \(kernels[0]): identity: another kernel than \(kernels[0]) runs: release"
                )
            }, "\(result.document)")
    }
}
