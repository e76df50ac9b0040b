// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import LabSupport
import Linux
import Machine
import Protocol
import Testing

/// What tracing this machine needs.
private enum Tracing {
    static let isMounted = SystemFile.exists("\(TraceInstance.root)/instances")

    /// Why this machine can trace nothing, in words; nil where it can.
    static let missing: String? =
        ChildProcess.userID != 0
        ? "tracing needs root"
        : isMounted || (try? SystemFile.read("/proc/filesystems"))?.contains("tracefs") == true
            ? nil : "this kernel has no tracefs (CONFIG_FTRACE)"
}

/// `toggle --evidence` without a guest: on this machine, and over ssh on it. The tests mount tracefs
/// for themselves where it is not mounted.
@Suite(
    "toggle --evidence on a machine", .serialized,
    .disabled(if: Tracing.missing != nil, "\(Tracing.missing ?? "")"))
struct TracedMachineTests {
    private static let mount = "mount -t tracefs tracefs \(TraceInstance.root)"

    private static let options = [
        "--knob", "set:timing=op,op", "--blocks", "6", "--slice", "20ms", "--evidence", "--output",
        "j.jsonl",
    ]

    private func expectMechanism(_ run: PlumblineRun) throws {
        let journal = try StoredJournal(readingFrom: "\(run.directory)/j.jsonl")
        #expect(journal.mechanisms.map(\.arm) == [.a, .b], "\(run.printed)")
        // On a machine that is too busy events are dropped, or too little completes: it says so.
        for mechanism in journal.mechanisms
        where mechanism.slices > mechanism.smallSlices ?? 0 {
            let pages = mechanism.counts.first { $0.quantity == .pages && $0.function == nil }
            #expect((pages?.values.max() ?? 0) > 0)
        }
        #expect(run.printed.contains("mechanism"), "\(run.printed)")
        let left = SystemTree.live.list("\(TraceInstance.root)/instances")
        #expect(!left.contains { $0.hasPrefix("plumbline-") })
    }

    @Test("here, the report has what this kernel does for the workers")
    func here() throws {
        let run = try PlumblineRun()
        let namespace = ["unshare", "-m", "sh", "-ec", "\(Self.mount); exec \"$@\"", "sh"]
        try run.start(
            ["toggle", "short.yaml", "--agent", Built.agent] + Self.options,
            under: Tracing.isMounted ? [] : namespace)
        #expect([0, 3, 4].contains(try run.wait()), "\(run.printed)")
        try expectMechanism(run)
    }

    @Test(
        "over ssh, the report has what the other machine's kernel does",
        .enabled(if: SSHServer.isInstalled, Comment(rawValue: SSHServer.reason)))
    func there() throws {
        let server = try SSHServer(mounting: Tracing.isMounted ? nil : Self.mount)
        let run = try PlumblineRun()
        let code = try run.run(
            [
                "toggle", "short.yaml", "--on", server.address.description, "--ssh-config",
                server.client(), "--agent", Built.agent,
            ] + Self.options)
        #expect([0, 3, 4].contains(code), "\(run.printed)")
        try expectMechanism(run)
        #expect(server.leavings.isEmpty)
    }

    @Test(
        "without tracefs the verdict stays, and one line says why nothing was traced",
        .disabled(if: Tracing.isMounted, "tracefs is on /sys/kernel/tracing"))
    func withoutTracefs() throws {
        let run = try PlumblineRun()
        let code = try run.run(["toggle", "short.yaml", "--agent", Built.agent] + Self.options)
        #expect([0, 3, 4].contains(code), "\(run.printed)")
        let lines = run.printed.split(separator: "\n").filter { $0.contains("is not known") }
        #expect(lines.count == 1, "\(run.printed)")
        #expect(lines.first?.contains("no tracefs on \(TraceInstance.root)") == true)
        #expect(run.printed.contains("mount -t tracefs tracefs"), "\(run.printed)")
        #expect(try StoredJournal(readingFrom: "\(run.directory)/j.jsonl").mechanisms.isEmpty)
    }
}
