// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import LabSupport
import Linux
import Protocol
import TestSupport
import Testing

@testable import Remotes

/// The commands on machines of ssh: here sshds on loopback.
@Suite(
    "plumbline on machines over ssh", .serialized,
    .enabled(if: SSHServer.isInstalled, Comment(rawValue: SSHServer.reason)))
struct RemoteCommandTests {
    /// A file that is a knob, with the value 60.
    private final class Knob {
        let path = "/tmp/plumbline-knob-\(UInt64.random(in: 0 ... .max))"
        init() throws { try Descriptor.open(path, [.write, .create]).writeAll("60\n") }
        deinit { try? SystemFile.unlink(path) }
        var value: String { (try? SystemFile.read(path))?.trimmed ?? "" }
    }

    private static func options(_ server: SSHServer, slice: String = "20ms") throws -> [String] {
        ["--ssh-config", try server.client(), "--output", "j.jsonl", "--slice", slice]
    }

    /// Makes a suite with a short warm-up, for tests that measure often, and returns its file's name.
    private static func quickSuite(in run: PlumblineRun) throws -> String {
        try Descriptor.open("\(run.directory)/quick.yaml", [.write, .create]).writeAll(
            "suite: quick\nslices: 4\nwarmup: 0.1s\ncells:\n  - workload: pipe\n")
        return "quick.yaml"
    }

    private func header(_ run: PlumblineRun) throws -> JournalHeader {
        try StoredJournal(readingFrom: "\(run.directory)/j.jsonl").header
    }

    @Test("run --on measures there and names the machine; --resume refuses another one")
    func runs() throws {
        let (server, run) = (try SSHServer(), try PlumblineRun())
        let on = ["run", "short.yaml", "--on", try server.address.description]
        #expect(try run.run(on + Self.options(server)) == 0, "\(run.printed)")
        #expect(try header(run).plan.host == "127.0.0.1:\(server.port)")
        #expect(run.printed.contains("on 127.0.0.1:\(server.port): at most"))
        #expect(run.printed.contains("127.0.0.1:\(server.port): "))
        #expect(server.leavings.isEmpty)
        #expect(server.agents.isEmpty)
        #expect(try run.run(["run", "short.yaml", "--resume"] + ["--output", "j.jsonl"]) == 64)
        #expect(run.printed.contains("was measured on 127.0.0.1:\(server.port), and not on this"))
    }

    @Test("toggle --on has the agent switch the knob, and puts the old value back")
    func toggles() throws {
        let (server, run, knob) = (try SSHServer(), try PlumblineRun(), try Knob())
        let done = "\(server.directory)/done"
        let code = try run.run(
            [
                "toggle", "short.yaml", "--on", server.address.description, "--blocks", "6",
                "--knob", "\(knob.path)=61,62",
                "--knob", "cmd:'echo A >\(done)','echo B >\(done)'", "--verbose",
            ] + Self.options(server))
        #expect([0, 3, 4].contains(code), "\(run.printed)")
        for line in [
            "run on 127.0.0.1:\(server.port): uname -s -m", "copy the agent to 127.0.0.1:",
            "agent: write '62' to \(knob.path)", "agent: run by sh -c: echo B >\(done)",
            "agent: write '60' back to \(knob.path): done", "end the connection to 127.0.0.1:",
        ] { #expect(run.printed.contains("plumbline: \(line)"), "\(line)") }
        #expect(knob.value == "60")
        #expect(try SystemFile.read(done).trimmed == "A")
        #expect(try header(run).plan.host == "127.0.0.1:\(server.port)")
        #expect(server.leavings.isEmpty)
    }

    @Test("a cut connection ends no experiment, and the knob has its old value at the end")
    func survivesACut() throws {
        let (server, run, knob) = (try SSHServer(), try PlumblineRun(), try Knob())
        try run.start(
            [
                "toggle", "short.yaml", "--on", server.address.description, "--blocks", "12",
                "--knob", "\(knob.path)=61,62", "--no-early-stop",
            ] + Self.options(server, slice: "100ms"))
        for count in [8, 24] {
            try eventually("slices are measured: \(run.printed)") {
                run.journal.components("\"kind\":\"slice\"") > count
            }
            server.cut()
        }
        let code = try run.wait()
        #expect([0, 3, 4].contains(code), "\(run.printed)")
        #expect(run.printed.contains("the connection to 127.0.0.1:\(server.port) is lost"))
        let journal = try StoredJournal(readingFrom: "\(run.directory)/j.jsonl")
        #expect(run.journal.components("\"kind\":\"resumed\"") == 2)
        #expect(journal.failures.isEmpty)
        #expect(journal.ending?.state == .finished)
        #expect(knob.value == "60")
        #expect(server.leavings.isEmpty)
        #expect(server.agents.isEmpty)
    }

    @Test("a killed controller and a killed agent leave nothing there")
    func leavesNothing() throws {
        let (server, run, knob) = (try SSHServer(), try PlumblineRun(), try Knob())
        try run.start(
            [
                "toggle", "short.yaml", "--on", server.address.description, "--blocks", "1000",
                "--knob", "\(knob.path)=61,62",
            ] + Self.options(server))
        try eventually("slices are measured: \(run.printed)") {
            run.journal.components("\"kind\":\"slice\"") > 4
        }
        #expect(["61", "62"].contains(knob.value))
        // The holder stays, and undoes what the others leave.
        let holder = server.agents.first {
            (try? SystemFile.read("/proc/\($0)/cmdline"))?.contains("--hold") == true
        }
        try run.process?.kill()
        for id in server.agents where id != holder { try? ChildProcess(id: id).kill() }
        _ = try run.wait()
        try eventually("the machine is as it was") {
            server.leavings.isEmpty && server.agents.isEmpty && knob.value == "60"
        }
        try eventually("the connection ends") { server.connections.isEmpty }
    }

    @Test("an interrupted run ends there too, and keeps what was measured")
    func interrupted() throws {
        let (server, run, knob) = (try SSHServer(), try PlumblineRun(), try Knob())
        try run.start(
            [
                "toggle", "short.yaml", "--on", server.address.description, "--blocks", "1000",
                "--knob", "\(knob.path)=61,62",
            ] + Self.options(server))
        try eventually("slices are measured: \(run.printed)") {
            run.journal.components("\"kind\":\"slice\"") > 8
        }
        try run.process?.kill(ChildProcess.interruptSignal)
        #expect(try run.wait() == 130)
        #expect(knob.value == "60")
        #expect(server.leavings.isEmpty)
        #expect(server.agents.isEmpty)
        #expect(
            try StoredJournal(readingFrom: "\(run.directory)/j.jsonl").ending?.state
                == .interrupted)
    }

    /// Has a word in the command lines of a program, of a child and of a daemon of it, which prints
    /// its number only where sshd started the agent.
    private static func program(_ word: String, then last: String) -> String {
        """
        test -n "$SSH_CONNECTION" || exit 9
        (setsid sh -c 'sleep 1000; : \(word)' >/dev/null 2>&1 &)
        sh -c 'sleep 1000; : \(word)' >/dev/null 2>&1 &
        echo ops: 7; \(last)
        """
    }

    @Test("a program runs there, and what it left running is killed")
    func runsAProgram() throws {
        let (server, run) = (try SSHServer(), try PlumblineRun())
        let word = "plumbline-\(UInt64.random(in: 0 ... .max))"
        let code = try run.run(
            ["run", "--on", server.address.description, "--slices", "3", "--metric", "key:ops"]
                + ["--better", "higher"] + Self.options(server)
                + ["--", "sh", "-c", Self.program(word, then: ":")])
        #expect(code == 0, "\(run.printed)")
        let journal = try StoredJournal(readingFrom: "\(run.directory)/j.jsonl")
        #expect(journal.slices.map(\.value) == [7, 7, 7], "\(journal.slices.map(\.reasons))")
        #expect(journal.slices.allSatisfy { $0.isValid })
        #expect(try ObservedProcess.all(with: word).isEmpty)
        #expect(server.leavings.isEmpty)
        #expect(server.agents.isEmpty)
    }

    @Test("a program that runs there when the controller is killed is killed with its processes")
    func leavesNoProgram() throws {
        let (server, run) = (try SSHServer(), try PlumblineRun())
        let word = "plumbline-\(UInt64.random(in: 0 ... .max))"
        try run.start(
            ["run", "--on", server.address.description, "--metric", "key:ops"]
                + ["--better", "higher"] + Self.options(server)
                + ["--", "sh", "-c", Self.program(word, then: "sleep 1000; :")])
        try eventually("the program, its child and its daemon run: \(run.printed)") {
            // The controller has the word in its own command line, and so has the agent's sh.
            let names = try ObservedProcess.all(with: word).map { process in
                (try? SystemFile.read("/proc/\(process.id)/comm"))?.trimmed ?? ""
            }
            return names.count { $0 == "sh" } >= 3
        }
        try run.process?.kill()
        _ = try run.wait()
        try eventually("nothing is left") {
            try ObservedProcess.all(with: word).isEmpty && server.agents.isEmpty
                && server.leavings.isEmpty
        }
        try eventually("the connection ends") { server.connections.isEmpty }
    }

    @Test("ab compares two machines, and no verdict is better than images-differ")
    func compares() throws {
        let (a, b) = (try SSHServer(), try SSHServer(host: "127.0.0.2"))
        let run = try PlumblineRun()
        // One file of ssh for both.
        let both = "\(run.directory)/config"
        try Descriptor.open(both, [.write, .create]).writeAll(
            """
            Host 127.0.0.1
              IdentityFile \(a.directory)/user
              UserKnownHostsFile \(a.directory)/known_hosts
            Host 127.0.0.2
              IdentityFile \(b.directory)/user
              UserKnownHostsFile \(b.directory)/known_hosts
            Host *
              IdentitiesOnly yes

            """)
        let code = try run.run([
            "ab", try Self.quickSuite(in: run), "--a", a.address.description,
            "--b", b.address.description,
            "--rounds", "5", "--blocks", "10", "--slice", "20ms",
            "--ssh-config", both, "--output", "j.jsonl",
        ])
        #expect(code == 4, "\(run.printed)")
        let header = try header(run)
        #expect(header.comparison?.arms.a.host == "127.0.0.1:\(a.port)")
        #expect(header.comparison?.arms.b.host == "127.0.0.2:\(b.port)")
        #expect(header.comparison?.areTwoMachines == true)
        let journal = try StoredJournal(readingFrom: "\(run.directory)/j.jsonl")
        #expect(Set(journal.rounds.map(\.round)) == [0, 1, 2, 3, 4])
        #expect(a.leavings.isEmpty && b.leavings.isEmpty)
        #expect(a.agents.isEmpty && b.agents.isEmpty)
    }

    @Test("gate measures a machine, and judges the run by how much earlier runs there differ")
    func gates() throws {
        let (server, run) = (try SSHServer(), try PlumblineRun())
        let address = try server.address.description
        let ssh = ["--ssh-config", try server.client()]
        let suite = try Self.quickSuite(in: run)
        var baseline: [String] = []
        for number in 1...7 {
            let journal = "b\(number).jsonl"
            let on = ["run", suite, "--slice", "20ms", "--on", address]
            #expect(try run.run(on + ssh + ["--output", journal]) == 0, "\(run.printed)")
            baseline += ["--baseline", journal]
        }
        var gate = ["gate", suite, "--slice", "20ms", "--candidate", address]
        gate += ssh + ["--output", "j.jsonl", "--junit", "x.xml", "--quiet"]
        // One kernel against itself: any verdict that is one.
        let code = try run.run(gate + baseline)
        #expect([0, 3, 4].contains(code), "\(run.printed)")
        let header = try header(run)
        #expect(header.plan.host == "127.0.0.1:\(server.port)" && header.comparison == nil)
        let words: [Int32: String] = [0: "pass", 3: "fail", 4: "skip"]
        let word = try #require(words[code])
        #expect(run.printed.contains("\n\(word)\tpipe/") || run.printed.hasPrefix("\(word)\t"))
        #expect(try SystemFile.read("\(run.directory)/x.xml").contains("<testsuites "))
        #expect(server.leavings.isEmpty && server.agents.isEmpty)
        // Another machine than the baseline's is refused before it is measured.
        let other = try SSHServer(host: "127.0.0.2")
        let strange = [
            "gate", suite, "--slice", "20ms", "--candidate", try other.address.description,
            "--ssh-config", try other.client(), "--output", "k.jsonl",
        ]
        #expect(try run.run(strange + baseline) == 5, "\(run.printed)")
        let reason = "the machine differs: 127.0.0.1:\(server.port) and 127.0.0.2:"
        #expect(run.printed.contains(reason), "\(run.printed)")
        #expect(!SystemFile.exists("\(run.directory)/k.jsonl"))
        #expect(other.connections.isEmpty)
    }

    @Test("ab --comparisons compares this machine with itself, without ssh and with it")
    func comparesWithItself() throws {
        let (server, run) = (try SSHServer(), try PlumblineRun())
        let code = try run.run(
            [
                "ab", try Self.quickSuite(in: run), "--a", "local", "--b",
                server.address.description,
                "--comparisons", "2", "--rounds", "5", "--blocks", "10",
            ] + Self.options(server))
        #expect([0, 5].contains(code), "\(run.printed)")
        #expect(run.printed.contains("one machine (local, 127.0.0.1:\(server.port)) with itself"))
        #expect(run.printed.contains("2 comparisons"), "\(run.printed)")
        let journal = try StoredJournal(readingFrom: "\(run.directory)/j.jsonl")
        #expect(journal.header.comparison?.arms.a.host == "local")
        #expect(journal.rounds.count == 10)
        let boot = try SystemFile.read("/proc/sys/kernel/random/boot_id").trimmed
        let boots = journal.rounds.flatMap { $0.hosts.values.map(\.bootID) }
        #expect(boots == Array(repeating: boot, count: 20))
        #expect(server.leavings.isEmpty && server.agents.isEmpty)
    }

    @Test(
        "ab refuses one machine twice, a machine and a kernel, and options of guests",
        arguments: [
            (["--a", "ssh://x", "--b", "6.12"], "cannot be compared with a kernel"),
            (["--a", "6.12", "--b", "ssh://x"], "cannot be compared with a kernel"),
            (["--b", "ssh://x"], "cannot be compared with a kernel"),
            (["--a", "ssh://x", "--b", "ssh://root@x"], "are the same machine, x"),
            (["--a", "ssh://-x", "--b", "ssh://y"], "--a: invalid address"),
            (["--a", "ssh://x", "--b", "ssh://y", "--relinks", "3"], "--relinks is not"),
            (["--a", "ssh://x", "--b", "ssh://y", "--append", "quiet"], "--append is not"),
            (["--a", "ssh://x", "--b", "ssh://y", "--append-b", "quiet"], "--append-b is not"),
            (["--a", "ssh://x", "--b", "ssh://y", "--cpus", "2"], "--cpus is not"),
            (["--a", "ssh://x", "--b", "ssh://y", "--alternate"], "--alternate is not"),
            (["--a", "ssh://x", "--b", "ssh://y", "--metric", "instructions"], "--metric is not"),
            (["--a", "6.12", "--b", "6.12", "--keep-agent"], "--keep-agent is not"),
            (["--a", "local", "--b", "6.12"], "cannot be compared with a kernel"),
            (["--a", "local", "--b", "local"], "are the same machine, local"),
            (["--a", "local", "--b", "ssh://x", "--comparisons", "0"], "'0' for --comparisons"),
            (
                ["--a", "local", "--b", "ssh://x", "--comparisons", "2", "--until-decided"],
                "--comparisons is not supported with"
            ),
        ])
    func refuses(words: [String], message: String) throws {
        let run = try PlumblineRun()
        #expect(try run.run(["ab", "short.yaml"] + words) == 64)
        #expect(run.printed.contains(message), "\(run.printed)")
    }

    @Test("run and toggle refuse a bad address, and a machine beside a guest")
    func refusesOptions() throws {
        for words in [
            ["run", "short.yaml", "--on", "testbox"], ["run", "short.yaml", "--sudo"],
            ["run", "short.yaml", "--on", "ssh://x", "--kernel", "6.12"],
            ["run", "short.yaml", "--on", "ssh://x", "--ssh-config", "/no/such/file"],
            ["toggle", "short.yaml", "--knob", "a=1,2", "--on", "ssh://a b"],
            ["toggle", "short.yaml", "--knob", "a=1,2", "--on", "ssh://x", "--kernel", "6.12"],
            ["toggle", "short.yaml", "--knob", "a=1,2", "--on", "ssh://x", "--memory", "2g"],
        ] {
            let run = try PlumblineRun()
            #expect(try run.run(words) == 64, "\(words): \(run.printed)")
        }
    }
}

extension String {
    /// How often a text is in it.
    fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
}
