// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Journal
import LabSupport
import Linux
import TestSupport
import Testing
import Verdicts

/// A real-time clock that is set back or forward while it is measured changes no time, no order and no
/// verdict: it is set in a guest.
@Suite(
    .serialized,
    .disabled(
        if: Faults.missing != nil || RebootGuest.missing != nil,
        "\(Faults.missing ?? RebootGuest.missing ?? "")"))
struct WallClockTests {
    private static let suite = """
        suite: short
        slices: 100
        slice: 20ms
        guard: 5ms
        warmup: 20ms
        cells:
          - {workload: pipe, msgsize: 4k}

        """
    private static let hour: UInt64 = 3_600_000_000_000

    @Test func ofAMachineThatSSHReaches() throws {
        let guest = try RebootGuest()
        try guest.start(RebootGuest.kernels[0])
        let before = Leftovers.now()
        let scratch = try Scratch()
        defer { withExtendedLifetime(scratch) {} }
        let suite = try scratch.file("short.yaml", Self.suite)
        let (journal, printed) = ("\(scratch.path)/j.jsonl", "\(scratch.path)/printed")
        let process = try Command.spawn(
            [
                Built.plumbline, "run", suite, "--on", "ssh://127.0.0.1:\(guest.port)",
                "--ssh-config", guest.configuration, "--agent", RebootGuest.agent, "--output",
                journal, "--quiet", "--slices", "1000",
            ], output: try Descriptor.open(printed, [.write, .create]))
        try eventually("it measures: \((try? SystemFile.read(printed)) ?? "")") {
            let text = (try? SystemFile.read(journal)) ?? ""
            return text.contains(#"{"kind":"slice""#) || ObservedProcess(process.id).hasEnded
        }
        _ = try Self.ssh(guest, "date -s '2001-01-01 00:00'")
        var exit: ChildProcess.Exit?
        try eventually("it ends") {
            exit = try process.wait(noHang: true)
            return exit != nil
        }
        let said = try SystemFile.read(printed)
        #expect(exit == .exited(0), "\(said)")
        let stored = try StoredJournal(readingFrom: journal)
        #expect(stored.slices.map(\.number) == Array(0..<1000))
        Self.expectJump(in: stored.slices.map(\.startedAt), times: 1)
        #expect(stored.slices.allSatisfy { $0.interval < Self.hour })
        try before.expectNone()
    }

    @Test func ofTheControllersMachine() throws {
        let guest = try RebootGuest()
        try guest.start(RebootGuest.kernels[0])
        let scratch = try Scratch()
        defer { withExtendedLifetime(scratch) {} }
        try scratch.file("short.yaml", Self.suite)
        try Self.sendPrograms(to: guest, from: scratch)
        let said = try Self.ssh(
            guest,
            """
            cd /tmp && echo 55 >knob
            ./plumbline toggle short.yaml --knob file:/tmp/knob=60,10 --slice 20ms --blocks 40 \
              --no-early-stop --seed 7 --output j.jsonl --quiet --format gate &
            lines() { while [ -d /proc/$! ] && ! [ "$(cat j.jsonl | wc -l)" -ge $1 ]; do sleep 0.1; done; }
            lines 20 2>/dev/null
            date -s '2001-01-01 00:00'
            lines 150 2>/dev/null
            date -s '2031-01-01 00:00'
            wait $!
            echo "code $?"
            cat knob
            """)
        let text = try Self.ssh(guest, "cat /tmp/j.jsonl")
        let path = try scratch.file("j.jsonl", text)
        let stored = try StoredJournal(readingFrom: path)
        #expect(stored.ending?.state == .finished, "\(said)")
        Self.expectJump(in: stored.slices.map(\.startedAt), times: 1)
        #expect(stored.slices.allSatisfy { $0.interval < Self.hour })
        let reasons = Set(stored.slices.flatMap { $0.reasons.values })
        #expect(stored.blocks[0].count { $0.state.isCounted } == 40, "\(said)\n\(reasons)")
        #expect(said.hasSuffix("55\n"))
        // Judged alike here and there.
        let report = try Command.run([Built.plumbline, "report", path, "--format", "gate"])
        guard case .exited(let code) = report.exit else {
            Issue.record("\(report)")
            return
        }
        #expect(said.contains("code \(code)\n"), "\(said)")
        #expect(said.contains(report.output), "\(said)\n\(report.output)")
    }

    /// The clock went back so often while it was measured.
    private static func expectJump(in times: [UInt64], times count: Int) {
        #expect(zip(times, times.dropFirst()).count { $0 > $1 } == count)
    }

    /// Puts the controller, its agent, their libraries and the suite there.
    private static func sendPrograms(to guest: RebootGuest, from scratch: Scratch) throws {
        let script = """
            suite=$1 controller=$2 agent=$3
            shift 3
            libraries=$(ldd "$controller" "$agent" 2>&1 | grep -o '/[^ :]*' | sort -u)
            tar -chz --transform 's,.*/\\(plumbline[^/]*\\|short.yaml\\)$,tmp/\\1,' -P \
              "$suite" "$controller" "$agent" $libraries | "$@"
            """
        let words = [scratch.path + "/short.yaml", Built.plumbline, Built.agent]
        let sent = try Command.run(
            ["bash", "-c", script, "send"] + words + command(guest) + ["tar -xz -C /"],
            timeoutMilliseconds: 280_000)
        #expect(sent.succeeded, "\(sent.output)")
    }

    private static func ssh(_ guest: RebootGuest, _ script: String) throws -> String {
        let result = try Command.run(
            command(guest) + [script], outputLimit: 16 << 20,
            timeoutMilliseconds: 240_000)
        #expect(result.succeeded, "\(result.output)")
        return result.output
    }

    private static func command(_ guest: RebootGuest) -> [String] {
        ["ssh", "-q", "-F", guest.configuration, "-p", "\(guest.port)", "127.0.0.1"]
    }
}
