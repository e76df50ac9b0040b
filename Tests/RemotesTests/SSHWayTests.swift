// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import LabSupport
import Linux
import TestSupport
import Testing

@testable import Remotes

/// The ways in which ssh gets to a machine, as a user has them.
@Suite(
    "plumbline over ssh: IPv6, jump hosts, passphrases and sudo", .serialized,
    .enabled(if: SSHServer.isInstalled, Comment(rawValue: SSHServer.reason)))
struct SSHWayTests {
    private static let loopback6 = "00000000000000000000000000000001"

    private static func words(
        _ address: String, _ configuration: String, slice: String = "20ms"
    ) -> [String] {
        [
            "run", "short.yaml", "--on", address, "--ssh-config", configuration,
            "--output", "j.jsonl", "--slice", slice,
        ]
    }

    private func journal(_ run: PlumblineRun) throws -> StoredJournal {
        try StoredJournal(readingFrom: "\(run.directory)/j.jsonl")
    }

    @Test(
        "an IPv6 address in brackets is reached and named so",
        .enabled(
            if: ((try? SystemFile.read("/proc/net/if_inet6")) ?? "")
                .contains(SSHWayTests.loopback6),
            "there is no IPv6 on loopback"))
    func version6() throws {
        let (server, run) = (try SSHServer(host: "::1"), try PlumblineRun())
        let words = Self.words(try server.address.description, try server.client())
        #expect(try run.run(words) == 0, "\(run.printed)")
        #expect(try journal(run).header.plan.host == "[::1]:\(server.port)")
        #expect(server.leavings.isEmpty && server.agents.isEmpty)
    }

    /// A configuration for a machine behind another one.
    private func configuration(of machine: SSHServer, behind jump: SSHServer) throws -> String {
        let path = "\(machine.directory)/jump"
        let hosts = [("target", machine, "  ProxyJump jump\n"), ("jump", jump, "")]
        let text = hosts.map { name, server, more in
            """
            Host \(name)
              HostName \(server.host)
              Port \(server.port)
              IdentityFile \(server.directory)/user
              UserKnownHostsFile \(server.directory)/known_hosts
            \(more)
            """
        }
        try Descriptor.open(path, [.write, .create], mode: 0o600).writeAll(
            text.joined(separator: "\n") + "\nHost *\n  IdentitiesOnly yes\n")
        return path
    }

    private func logins(_ server: SSHServer) throws -> Int {
        try SystemFile.read("\(server.directory)/log").ranges(of: "Accepted publickey").count
    }

    @Test("a machine behind a jump host is reached through it, and again when the jump host is cut")
    func jumps() throws {
        let (jump, machine) = (try SSHServer(), try SSHServer(host: "127.0.0.2"))
        let run = try PlumblineRun()
        let way = try configuration(of: machine, behind: jump)
        try run.start(Self.words("ssh://target", way, slice: "100ms") + ["--slices", "40"])
        try eventually("slices are measured: \(run.printed)") {
            run.journal.ranges(of: "\"kind\":\"slice\"").count > 4
        }
        #expect(try [logins(jump), logins(machine)] == [1, 1])
        jump.cut()
        #expect(try run.wait() == 0, "\(run.printed)")
        #expect(run.printed.contains("the connection to target is lost"))
        #expect(try [logins(jump), logins(machine)] == [2, 2])
        let journal = try journal(run)
        #expect(journal.header.plan.host == "target")
        #expect(journal.slices.count == 40)
        #expect(machine.leavings.isEmpty && machine.agents.isEmpty)
    }

    @Test(
        "ssh asks once for a key's passphrase on the terminal",
        .enabled(if: SystemFile.exists("/usr/bin/script"), "script(1) is not installed"))
    func passphrase() throws {
        let (server, run) = (try SSHServer(), try PlumblineRun())
        let key = "\(server.directory)/user"
        _ = try Command.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", key])
        let words = Self.words(try server.address.description, try server.client())
        let keyboard = try Pipe()
        let screen = "\(run.directory)/screen"
        let output = try Descriptor.open(screen, [.write, .create])
        let input = "/proc/\(ChildProcess.currentID)/fd/\(keyboard.reader.rawValue)"
        let line = "cd \(run.directory) && exec " + ShellWord.line([Built.plumbline] + words)
        let terminal = try Command.spawn(
            ["sh", "-c", #"exec script -qec "$1" /dev/null <"$0""#, input, line], output: output)
        var exit: ChildProcess.Exit?
        defer { if exit == nil { try? terminal.kill() } }
        func shown() -> String { (try? SystemFile.read(screen)) ?? "" }
        let question = "Enter passphrase for key"
        try eventually("ssh asks: \(shown())") { shown().contains(question) }
        try keyboard.writer.writeAll("open sesame\n")
        try eventually("plumbline ends: \(shown())") {
            exit = try terminal.wait(noHang: true)
            return exit != nil
        }
        #expect(exit == .exited(0), "\(shown())")
        #expect(shown().ranges(of: question).count == 1)
        #expect(try journal(run).slices.count == 4)
        #expect(server.leavings.isEmpty && server.agents.isEmpty)
    }

    @Test(
        "--sudo runs the agent as root for a user who is not, and a killed run leaves nothing",
        .enabled(
            if: SSHServer.missingForUsers == nil,
            Comment(rawValue: SSHServer.missingForUsers ?? "")))
    func sudo() throws {
        let server = try SSHServer(user: "plumbline-tester")
        let (address, way) = (try server.address.description, try server.client())
        for isRoot in [false, true] {
            let run = try PlumblineRun()
            let words = Self.words(address, way) + (isRoot ? ["--sudo"] : [])
            #expect(try run.run(words) == 0, "\(run.printed)")
            #expect(try journal(run).header.host.capabilities.contains("root") == isRoot)
        }
        let run = try PlumblineRun()
        try run.start(Self.words(address, way) + ["--sudo", "--slices", "10000"])
        try eventually("slices are measured: \(run.printed)") {
            run.journal.ranges(of: "\"kind\":\"slice\"").count > 4
        }
        try run.process?.kill()
        _ = try run.wait()
        try eventually("nothing is left") {
            // The directory of the user's own undo log stays: it is empty.
            server.agents.isEmpty && server.leavings.allSatisfy { $0 == "plumbline" }
        }
    }
}
