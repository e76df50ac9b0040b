// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import LabSupport
import Linux
import TestSupport
import Testing
import Verdicts

/// `plumbline toggle --on ssh://…`, as a user runs it, of a file that holds 60.
final class RemoteToggle {
    /// The part that is missing for a machine over ssh; nil where all are there.
    static let missing = Faults.missing ?? (SSHServer.isInstalled ? nil : SSHServer.reason)
    /// The same for one whose network has faults.
    static let missingNetwork = missing ?? NetworkNamespace.missing

    let server: SSHServer
    let run: PlumblineRun
    /// A file that is a knob.
    let knob = "/tmp/plumbline-test-knob-\(UInt32.random(in: 0 ... .max))"

    init(_ server: SSHServer) throws {
        self.server = server
        run = try PlumblineRun()
        try Descriptor.open(knob, [.write, .create]).writeAll("60\n")
    }

    deinit {
        try? run.process?.kill()
        try? SystemFile.unlink(knob)
    }

    /// What the knob holds.
    var value: String { (try? SystemFile.read(knob))?.trimmed ?? "" }
    /// The slices in the journal.
    var slices: Int { run.journal.ranges(of: "\"kind\":\"slice\"").count }
    /// The journal, once it has a header.
    var stored: StoredJournal {
        get throws { try StoredJournal(readingFrom: "\(run.directory)/j.jsonl") }
    }

    /// Starts it.
    func start(blocks: Int = 8, _ more: [String] = []) throws {
        try run.start(
            [
                "toggle", "short.yaml", "--on", server.address.description, "--ssh-config",
                server.client(), "--knob", "\(knob)=61,62", "--blocks", "\(blocks)",
                "--no-early-stop", "--slice", "200ms", "--output", "j.jsonl",
            ] + more)
    }

    /// Waits for so many slices more.
    func awaitSlices(_ more: Int) throws {
        let wanted = slices + more
        try eventually("\(wanted) slices are measured: \(run.printed)") { slices >= wanted }
    }

    /// Waits for the end of a measurement that must be whole: nothing of `journal` is lost.
    func expectWhole(keeping journal: String) throws {
        let code = try run.wait()
        #expect([0, 3, 4].contains(code), "\(run.printed)")
        #expect(run.journal.hasPrefix(journal))
        let stored = try stored
        #expect(stored.ending?.state == .finished, "\(run.printed)")
        #expect(stored.failures.isEmpty && stored.warnings.isEmpty)
        let cell = stored.header.plan.suite.cells[0].name
        #expect(stored.blocks(of: cell).contains { $0.state.isCounted })
        try expectClean()
    }

    /// Goes on with the journal, to its end.
    func expectResumed() throws {
        let before = run.journal
        try start(["--resume"])
        try expectWhole(keeping: before)
    }

    /// Waits until the machine there is as it was.
    func expectClean() throws {
        try eventually("the machine is as it was: \(value) \(server.leavings) \(server.agents)") {
            value == "60" && server.leavings.isEmpty && server.agents.isEmpty
        }
    }

    /// The agents there, without those that only watch, or only those.
    func agents(watching: Bool = false) -> [Int32] {
        server.agents.filter { id in
            let words = (try? SystemFile.read("/proc/\(id)/cmdline")) ?? ""
            return words.contains("--hold") == watching
        }
    }

    /// The local ssh that has the connection.
    var master: Int32? {
        ((try? SystemFile.list("/proc")) ?? []).compactMap { Int32($0) }.first { id in
            let words = (try? SystemFile.read("/proc/\(id)/cmdline")) ?? ""
            return words.contains("ControlMaster=yes") && words.contains(server.directory)
        }
    }
}
