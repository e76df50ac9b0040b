// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import LabSupport
import Linux
import Protocol
import SchemaSupport
import Testing

@testable import Commands
@testable import Reports

/// The suite `peers` in a guest of two CPUs, whose patches are switched.
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["PLUMBLINE_LAB"] == "1",
        "builds a kernel and boots guests: run `make lab-test`"))
struct LabPeersTests {
    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    @Test("every peer is measured in each boot, and is held against the first of its label")
    func peers() async throws {
        let scratch = try ScratchDirectory()
        let journal = "\(scratch.path)/j.jsonl"
        let agent = Self.environment["PLUMBLINE_AGENT"].map { ["--agent", $0] } ?? []
        let result = await Invocation(
            [
                "toggle", "peers", "--kernel", "6.12+pipe-prealloc+dio-cache", "--switch",
                "pipe-prealloc", "--switch", "dio-cache", "--rounds", "5", "--blocks", "5",
                "--slice", "50ms", "--no-evidence", "--format", "json", "--output", journal,
                // Without fio, which needs a kernel with System V shared memory.
                "--cells", "pipe/*", "--cells", "dio/*", "--cells", "command/*-baseline*",
            ] + agent, environment: Self.environment)
        #expect([0, 3, 4].contains(result.code), "\(result.code): \(result.diagnostics)")
        let report = try LineCodec.decode(JSONValue.self, from: result.document.utf8)
        let validator = SchemaValidator(
            root: try LineCodec.decode(JSONValue.self, from: ReportFormat.schemaText.utf8))
        #expect(validator.problems(report) == [])
        let cells = try #require(report["cells"]?.items)
        #expect(cells.count == 4)
        for cell in cells {
            #expect(cell["verdict"] != .text("invalid"), "\(cell)")
            #expect(cell["rounds"] == .integer(5))
        }
        let groups = try #require(report["peers"]?.items)
        #expect(groups.map { $0["label"] } == [.text("pipe"), .text("direct reads")])
        for group in groups {
            let peers = try #require(group["cells"]?.items)
            #expect(peers[0]["standing"] == nil)
            for peer in peers.dropFirst() {
                // Which of the two is not for a test to say: it depends on the machine.
                let isJudged = [.text("agree"), .text("disagree")].contains(peer["standing"])
                #expect(isJudged, "\(peer)")
                #expect(peer["difference_interval_percent"] != nil)
            }
        }
        let stored = try StoredJournal(readingFrom: journal)
        #expect(stored.slices.allSatisfy { $0.isValid })
        #expect(Set(stored.header.suite.cells.map(\.peer)) == ["pipe", "direct reads"])
    }
}
