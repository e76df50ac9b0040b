// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import LabSupport
import Linux
import TestSupport
import Testing

/// One of two machines that are compared is cut off, and stays away.
@Suite(
    .serialized,
    .disabled(if: RemoteToggle.missingNetwork != nil, "\(RemoteToggle.missingNetwork ?? "")"))
struct TwoMachinesFaultTests {
    private let network: NetworkNamespace
    private let a: SSHServer
    private let b: SSHServer
    private let run: PlumblineRun

    init() throws {
        network = try NetworkNamespace()
        (a, b) = (try SSHServer(), try SSHServer(network: network))
        run = try PlumblineRun()
        let hosts = [a, b].map { server in
            """
            Host \(server.host)
              IdentityFile \(server.directory)/user
              UserKnownHostsFile \(server.directory)/known_hosts
              IdentitiesOnly yes

            """
        }
        try Descriptor.open("\(run.directory)/config", [.write, .create]).writeAll(hosts.joined())
    }

    private var stored: StoredJournal {
        get throws { try StoredJournal(readingFrom: "\(run.directory)/j.jsonl") }
    }

    private func start(_ more: [String] = []) throws {
        try run.start(
            [
                "ab", "short.yaml", "--a", a.address.description, "--b", b.address.description,
                "--rounds", "6", "--blocks", "10", "--slice", "50ms", "--ssh-config", "config",
                "--output", "j.jsonl",
            ] + more)
    }

    private func awaitRounds(_ count: Int) throws {
        try eventually("round \(count) is measured: \(run.printed)") {
            run.journal.ranges(of: "\"kind\":\"round\"").count >= count
                && (try? stored.slices.last?.round).map { $0 == count - 1 } ?? false
        }
    }

    private func expectNothingThere() throws {
        try eventually("nothing is left there") {
            [a, b].allSatisfy { $0.leavings.isEmpty && $0.agents.isEmpty }
        }
    }

    @Test func aCutVoidsItsRoundAndTheNextOneConnectsAgain() throws {
        let before = Leftovers.now()
        try start()
        try awaitRounds(2)
        b.cut()
        #expect([0, 4].contains(try run.wait()), "\(run.printed)")
        let journal = try stored
        #expect(journal.failures.isEmpty, "\(run.printed)")
        #expect(journal.voidRounds.count == 1)
        let lost = "the connection to \(b.host):\(b.port) is lost: "
        #expect(journal.voidRounds.first?.error.message.hasPrefix(lost) == true)
        #expect(journal.ending?.state == .finished)
        try expectNothingThere()
        try before.expectNone()
    }

    @Test func aMachineThatStaysAwayEndsTheComparisonWithoutAVerdict() throws {
        let before = Leftovers.now()
        try start()
        try awaitRounds(3)
        let journal = run.journal
        try network.lose(.both)
        // Too few rounds for a verdict, and machines were lost again and again.
        #expect(try run.wait() == 5, "\(run.printed)")
        #expect(run.journal.hasPrefix(journal))
        let ended = try stored
        #expect(ended.ending?.state == .failed)
        #expect(ended.failures.isEmpty)
        #expect(ended.voidRounds.map(\.arm) == [.b, .b, .b, .b])
        #expect(
            ended.voidRounds.last?.error.message.hasPrefix("cannot connect to \(b.host):\(b.port)")
                == true, "\(run.printed)")
        #expect(!run.printed.contains("equivalent (") && !run.printed.contains("failed on arm B"))
        try network.heal()
        try start(["--resume"])
        #expect([0, 4].contains(try run.wait()), "\(run.printed)")
        #expect(run.journal.hasPrefix(journal))
        #expect(try stored.ending?.state == .finished)
        try expectNothingThere()
        try before.expectNone()
    }
}
