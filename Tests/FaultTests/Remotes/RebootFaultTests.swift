// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import LabSupport
import Linux
import TestSupport
import Testing

/// A machine that reboots between two kernels, and does not do as it is told.
@Suite(
    .serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"),
    .disabled(if: RebootGuest.missing != nil, "\(RebootGuest.missing ?? "")"))
struct RebootFaultTests {
    private let guest: RebootGuest
    private let run: PlumblineRun
    private let before: Leftovers

    init() throws {
        guest = try RebootGuest()
        run = try PlumblineRun()
        before = Leftovers.now()
        try guest.start(RebootGuest.kernels[0])
    }

    private var stored: StoredJournal {
        get throws { try StoredJournal(readingFrom: "\(run.directory)/j.jsonl") }
    }

    /// A target file whose reboots go as the words say, one after the other, and then well: `well`,
    /// `fail`, `wrong` (the other kernel) and `gone` (the machine stays off).
    private func file(_ fates: [String], timeout: String) throws -> String {
        let kernels = RebootGuest.kernels
        let plan = try guest.scratch.file("fates", fates.map { "\($0)\n" }.joined())
        let script = try guest.scratch.file(
            "reboot",
            """
            #!/bin/sh
            fate=$(head -n 1 '\(plan)')
            sed -i 1d '\(plan)'
            other='\(kernels[0])'
            [ "$1" != "$other" ] || other='\(kernels[1])'
            case $fate in
            fail) echo 'the power switch does not answer'; exit 7;;
            gone) kill -9 "$(cat '\(guest.scratch.path)/pid')"; exit 0;;
            wrong) exec '\(guest.restart)' "$other";;
            *) exec '\(guest.restart)' "$1";;
            esac

            """)
        let lines = kernels.map { "  \($0): {expect: {release: \($0)}}" }
        return try guest.scratch.file(
            "target.yaml",
            """
            host: ssh://127.0.0.1:\(guest.port)
            timeout: \(timeout)
            boot: commands
            reboot: {run: [sh, \(script), "{kernel}"], where: here}
            kernels:
            \(lines.joined(separator: "\n"))

            """)
    }

    private func start(_ file: String) throws {
        try run.start([
            "ab", "short.yaml", "--on", file, "--rounds", "6", "--slice", "5s",
            "--ssh-config", guest.configuration, "--agent", RebootGuest.agent,
            "--output", "j.jsonl",
        ])
    }

    private func awaitSlices(_ more: Int) throws {
        func count() -> Int { run.journal.ranges(of: "\"kind\":\"slice\"").count }
        let wanted = count() + more
        try eventually("\(wanted) slices are measured: \(run.printed)") { count() >= wanted }
    }

    private func awaitVoid(_ count: Int) throws -> RoundVoid {
        try eventually("\(count) rounds are void: \(run.printed)") {
            ((try? stored.voidRounds.count) ?? 0) >= count
        }
        return try stored.voidRounds[count - 1]
    }

    @Test func aGuestThatIsKilledAFailedRebootAndAWrongKernelVoidTheirRounds() throws {
        let file = try file(["well", "fail", "wrong"], timeout: "4min")
        try start(file)
        // The first arm's slices of the first boot; another clock does not matter to them.
        try eventually("the first kernel runs: \(run.printed)") {
            run.journal.contains("\"kind\":\"round\"")
        }
        try setClock("@1000000000")
        // Its slices take seconds.
        try Clock.sleep(nanoseconds: 2_000_000_000)
        try kill()
        let host = "ssh://127.0.0.1:\(guest.port)"
        let killed = try awaitVoid(1).error
        #expect(killed.message.hasPrefix("\(host) with "), "\(killed)")
        #expect(killed.message.contains("is lost"), "\(killed)")
        let failed = try awaitVoid(2).error
        #expect(failed.message.contains("on this machine ended with exit code 7"), "\(failed)")
        #expect(failed.message.contains("the power switch does not answer"), "\(failed)")
        let wrong = try awaitVoid(3).error
        #expect(wrong.message.contains("booted another kernel than "), "\(wrong)")
        #expect(wrong.message.contains("release '"), "\(wrong)")
        // The next round boots again, and measures.
        let journal = run.journal
        try awaitSlices(1)
        try run.process?.kill(ChildProcess.interruptSignal)
        #expect(try run.wait() == 130)
        #expect(run.journal.hasPrefix(journal))
        #expect(try stored.ending?.state == .interrupted)
        #expect(try stored.voidRounds.count == 3)
        try kill()
        try before.expectNone()
    }

    @Test func aMachineThatStaysOffEndsTheExperimentAndTheMessageSaysHowToLook() throws {
        try start(file(["gone", "gone", "gone", "gone"], timeout: "5s"))
        #expect(try run.wait() == 5)
        #expect(run.printed.contains("did not come back within 5 s after `sh "), "\(run.printed)")
        #expect(run.printed.contains("look at its console, and try `ssh -p \(guest.port) "))
        #expect(try stored.ending?.state == .failed)
        #expect(try stored.voidRounds.count == 4)
        #expect(try stored.slices.isEmpty)
        try before.expectNone()
    }

    private func setClock(_ time: String) throws {
        let result = try Command.run([
            "ssh", "-F", guest.configuration, "-p", "\(guest.port)", "127.0.0.1",
            "date -s \(time)",
        ])
        #expect(result.succeeded, "\(result.output)")
    }

    private func kill() throws {
        let text = try SystemFile.read("\(guest.scratch.path)/pid").trimmed
        if let id = Int32(text) { try? ChildProcess(id: id).kill() }
    }
}
