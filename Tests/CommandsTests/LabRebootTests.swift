// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
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

    private func run(
        _ words: [String], on guest: RebootGuest, configuration: String? = nil
    ) async -> Invocation {
        let configuration = configuration ?? guest.configuration
        return await Invocation(
            words + ["--ssh-config", configuration, "--agent", RebootGuest.agent],
            environment: ProcessInfo.processInfo.environment)
    }

    /// A target file by which a guest boots both kernels by kexec.
    private func kexec(_ guest: RebootGuest) throws -> String {
        let entries = zip(["old", "new"], RebootGuest.kernels).map { name, release in
            "  \(name): {image: /boot/vmlinuz-\(release), initrd: /boot/initrd, "
                + "expect: {release: \(release), command_line: console=ttyS0}}"
        }
        return try guest.file(
            "boot: kexec\nreboot: [kexec, -e]\nkernels:\n\(entries.joined(separator: "\n"))")
    }

    @Test func kexecOverSSHComparesTwoKernelsByReboots() async throws {
        let guest = try RebootGuest()
        let kernels = RebootGuest.kernels
        try guest.start(kernels[0])
        let file = try kexec(guest)
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
        #expect(result.document.contains("one kernel at a time, each block over a pair of boots"))
    }

    @Test func twoMachinesSwapKernelsHalfWayThroughEachRound() async throws {
        let guests = [try RebootGuest(), try RebootGuest()]
        let kernels = RebootGuest.kernels
        for guest in guests { try guest.start(kernels[0]) }
        let scratch = guests[0].scratch
        let suite = try scratch.file("pipes.yaml", Self.suite)
        let both = try scratch.file(
            "both_config",
            SystemFile.read(guests[0].configuration)
                + "  IdentityFile \(guests[1].scratch.path)/key\n")
        let path = "\(scratch.path)/j.jsonl"
        let result = await run(
            [
                "gate", suite, "--on", try kexec(guests[0]), "--on", try kexec(guests[1]),
                "--baseline", "old", "--candidate", "new", "--rounds", "5", "--blocks", "20",
                "--output", path,
            ], on: guests[0], configuration: both)
        #expect(
            [0, 3, 4].contains(result.code),
            "\(result.diagnostics)\n\(result.document)\n\(guests[1].console.suffix(3000))")
        let journal = try StoredJournal(readingFrom: path)
        #expect(journal.voidRounds.isEmpty, "\(journal.voidRounds)")
        #expect(journal.rounds.map(\.round) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
        let addresses = guests.map { "127.0.0.1:\($0.port)" }
        #expect(journal.header.comparison?.machines == addresses)
        for round in journal.rounds {
            #expect(round.hosts[.a]?.kernelRelease == kernels[0])
            #expect(round.hosts[.b]?.kernelRelease == kernels[1])
            #expect(Set([Arm.a, .b].compactMap { round.boots?[$0]?.host }) == Set(addresses))
        }
        for first in stride(from: 0, to: 10, by: 2) {
            let hosts = journal.rounds[first...first + 1].map { $0.boots?[.a]?.host }
            #expect(hosts[0] != hosts[1])
        }
        let words: [Int32: String] = [0: "pass\t", 3: "fail\t", 4: "skip\t"]
        #expect(result.document.hasPrefix(words[result.code] ?? "?"), "\(result.document)")
        let report = await Invocation(["report", path])
        #expect(report.code == result.code)
        let told = "\(addresses[1]) vs \(addresses[0]) with equal kernels"
        #expect(report.document.words.joined(separator: " ").contains(told), "\(report.document)")
    }

    @Test(.disabled(if: RebootGuest.missingGrub != nil, "\(RebootGuest.missingGrub ?? "")"))
    func grubRebootBootsEachKernelOnceAndTheDefaultAfterwards() async throws {
        let guest = try RebootGuest()
        try guest.installGrub()
        let kernels = RebootGuest.kernels
        try guest.start(kernels[0])
        let entries = zip(["old", "new"], kernels).map { name, release in
            "  \(name): {entry: '\(RebootGuest.entry(of: release))', expect: {release: \(release)}}"
        }
        let reboot = "reboot: [reboot, -f]\nkernels:\n"
        let file = try guest.file("boot: grub-reboot\n\(reboot)\(entries.joined(separator: "\n"))")
        let result = await run(["target", "check", file], on: guest)
        #expect(result.code == 0, "\(result.diagnostics)\n\(result.document)")
        for name in ["old", "new"] {
            #expect(result.document.contains("ok      \(name): identity: "), "\(result.document)")
        }
        let checked = ["old: identity: ", "new: identity: "].map { step in
            result.document.firstRange(of: step)?.lowerBound
        }
        let last = try #require(checked[0]) < #require(checked[1]) ? kernels[1] : kernels[0]
        #expect(try guest.ssh("uname", "-r").trimmed == last)
        // GRUB itself took the choice back.
        #expect(try guest.ssh("grub-editenv", "-", "list").contains("next_entry=\n"))
        let plain = try guest.file(
            "boot: commands\n\(reboot)  default: {expect: {release: \(kernels[0])}}")
        let after = await run(["target", "check", plain], on: guest)
        #expect(after.code == 0, "\(after.diagnostics)\n\(after.document)")
        // What a message says takes a choice back does so.
        _ = try guest.ssh("grub-reboot", "0")
        #expect(try guest.ssh("grub-editenv", "-", "list").contains("next_entry=0\n"))
        _ = try guest.ssh("grub-editenv", "-", "unset", "next_entry")
        #expect(try !guest.ssh("grub-editenv", "-", "list").contains("next_entry"))
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
