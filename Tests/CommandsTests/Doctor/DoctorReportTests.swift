// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Reports
import SystemPackage
import Testing

@testable import Commands
@testable import Doctor
@testable import Machine

@Suite struct DoctorReportTests {
    private let findings = [
        Topic(.kernel, "kernel").ok("6.12.1"),
        Topic(.io, "pipe_size", title: "pipe size").limited(
            "up to 64KiB (fs.pipe-max-size)",
            consequence: "cells with larger pipes are refused; the published set-up has 1MiB",
            fix: .command("sysctl -w fs.pipe-max-size=1048576")),
        Topic(.guests, "kvm", title: "KVM").missing(
            "no /dev/kvm", consequence: "guests are emulated", fix: .advice("ask the host")),
    ]

    @Test func theTextHasGroupsColumnsAndASummary() {
        let text = DoctorReport(findings).page.text()
        #expect(
            text == """
                Kernel
                  ok       kernel     6.12.1

                I/O
                  limited  pipe size  up to 64KiB (fs.pipe-max-size)
                                      cells with larger pipes are refused; the published set-up
                                      has 1MiB
                           $ sysctl -w fs.pipe-max-size=1048576

                Guests
                  missing  KVM        no /dev/kvm
                                      guests are emulated
                                      Fix: ask the host

                1 ok, 1 limited, 1 missing

                """)
    }

    @Test func coloursChangeNothingButTheColours() {
        let coloured = DoctorReport(findings).page.text(style: .colored)
        #expect(coloured.contains("\u{1b}[32mok\u{1b}[0m"))
        var plain = coloured
        for code in ["0", "1", "31", "32", "33"] {
            plain = plain.split(separator: "\u{1b}[\(code)m", omittingEmptySubsequences: false)
                .joined()
        }
        #expect(plain == DoctorReport(findings).page.text())
    }

    @Test func aCommandIsNeverBroken() {
        let command = (1...20).map { "word\($0)" }.joined(separator: " ")
        let text = DoctorReport([
            Topic(.io, "pipe_size", title: "pipe size").limited(
                "up to 64KiB", consequence: "why", fix: .command(command))
        ]).page.text()
        #expect(text.contains("\n           $ \(command)\n"), "\(text)")
    }

    @Test func theDocumentHasTheSchemaAndLeavesOutWhatIsNotSo() throws {
        let json = try #require(ReportFormat(named: "json"))
        let text = try json.renderer.render(DoctorReport(findings), style: .plain)
        let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        #expect(document.schema == "plumbline.doctor/1")
        #expect(document.summary == ["ok": 1, "limited": 1, "missing": 1])
        let first = document.findings[0]
        #expect(first["id"] == "kernel" && first["state"] == "ok" && first["fact"] == "6.12.1")
        #expect(first["consequence"] == nil && first["remedy"] == nil)
        let second = document.findings[1]
        #expect(second["title"] == "pipe size" && second["group"] == "io")
        #expect(second["remedy"] == "sysctl -w fs.pipe-max-size=1048576")
        #expect(second["remedy_kind"] == "command")
        #expect(document.findings[2]["remedy_kind"] == "advice")
    }

    struct Document: Decodable {
        let schema: String
        let findings: [[String: String]]
        let summary: [String: Int]
    }

    @Test func restoringTellsEachOutcome() {
        func change(_ outcome: UndoOutcome) -> RestoredChange {
            RestoredChange(undo: .unmount(path: "/mnt/x"), outcome: outcome)
        }
        let good = RestoreText(
            [change(.done), change(.alreadyGone), change(.doneWithNotice("so"))], isRoot: true)
        #expect(
            good.lines == [
                "restored: unmount /mnt/x", "already gone: unmount /mnt/x",
                "restored: unmount /mnt/x (so)",
            ])
        #expect(good.exitCode == 0)
        let bad = RestoreText([change(.failed("busy")), change(.done)], isRoot: true)
        #expect(bad.lines[0] == "failed: unmount /mnt/x: busy")
        #expect(bad.exitCode == 1)
        #expect(RestoreText([], isRoot: true) == RestoreText([], isRoot: true))
        #expect(RestoreText([], isRoot: true).lines == ["nothing to restore"])
        #expect(RestoreText([], isRoot: true).exitCode == 0)
    }

    @Test func aKilledRunsFileIsRestoredFromItsUndoLog() throws {
        let fixture = try DoctorFixture(["/left/behind": "x"])
        let undo = Undo.removeFile(path: fixture.path("/left/behind"))
        // Process 1 runs, but has not started 1 tick after boot: this one is dead.
        try fixture.add("/state/undo-1-1.jsonl", UndoLogEntry.change(number: 1, undo: undo).text)
        let state = fixture.path("/state")
        #expect(LeftoversCheck.abandoned(.live, in: state) == ["undo-1-1.jsonl"])
        let text = RestoreText(UndoLog.restoreAbandoned(in: state), isRoot: true)
        #expect(text.lines == ["restored: remove file \(fixture.path("/left/behind"))"])
        #expect(!fixture.machine().tree.exists("/left/behind"))
        #expect(LeftoversCheck.abandoned(.live, in: state).isEmpty)
    }
}
