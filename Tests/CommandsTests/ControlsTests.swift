// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import FoundationEssentials
import Journal
import LabSupport
import Linux
import Machine
import Protocol
import SchemaSupport
import Testing

@testable import Commands

@Suite(.serialized)
struct ControlsTests {
    private static let canMeasure =
        ChildProcess.userID == 0 && MemoryHierarchy.find() != nil
        && (try? Descriptor.open("/var/tmp", .directory).filesystem().isInMemory) == false

    /// The full names that `--list` prints.
    private func cells(_ arguments: [String]) async -> [String] {
        let result = await Invocation(arguments + ["--list"])
        #expect(result.code == 0, "\(result.diagnostics)")
        let cells = result.document.split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { !$0.isEmpty }
        return cells.compactMap { $0.split(separator: " ").last.map(String.init) }
    }

    @Test func abListsTheControlsOfItsCells() async {
        let head = "pipe/2w1r/64KiB/1MiB/"
        let kernels = ["--a", "6.12", "--b", "6.12+pipe-prealloc"]
        #expect(
            await cells(["ab", "demo", "--controls"] + kernels).prefix(4)
                == [
                    "\(head)none", "\(head)memcg", "\(head)cgroup", "\(head)cgroup-burners=1",
                ])
        // The demo stays as short as it is.
        #expect(await cells(["ab", "demo"] + kernels).count == 3)
    }

    @Test func toggleListsTheControlsOfTheCellsThatAreChosen() async {
        let knob = ["--knob", "vm.swappiness=60,10", "--controls", "--cells"]
        let head = "pipe/5w10r/64KiB/1MiB/"
        let all = ["\(head)memcg-hogs=2", "\(head)cgroup", "\(head)cgroup-burners=2"]
        let suite = ["toggle", "pipe-prealloc", "--set", "memcg.hogs=2"]
        #expect(await cells(suite + knob + ["pipe/5w10r/*memcg*"]) == all)
        // A pattern may name a control beside them.
        #expect(
            await cells(suite + knob + ["pipe/5w10r/*memcg*", "--cells", "*5w10r*/cgroup"]) == all)
    }

    @Test func controlsWithoutACellThatHasSomeAreRefused() async {
        let result = await Invocation([
            "toggle", "pipe-prealloc", "--knob", "vm.swappiness=60,10", "--cells", "*/none",
            "--controls",
        ])
        #expect(result.code == 64)
        #expect(result.diagnostics.contains("--controls: no cell has controls"))
        #expect(result.diagnostics.contains("choose a cell with the pressure memcg"))
    }

    @Test(.enabled(if: canMeasure, "needs root, a memory controller and a disk at /var/tmp"))
    func aRealToggleMeasuresControlsAndTakesTheEffectApart() throws {
        try BuiltProgram.inDirectory { directory in
            try Descriptor.open("\(directory)/s.yaml", [.write, .create]).writeAll(
                """
                suite: tiny
                controls: true
                cells:
                  - workload: pipe
                    pressure: [none, {kind: memcg, limit: 16m, directory: \(directory)}]
                """)
            let outcome = try BuiltProgram.run(
                "toggle s.yaml --knob set:timing=op,op --blocks 6 --slice 20ms --format json "
                    + "--quiet --output j.jsonl", in: directory)
            #expect(outcome.diagnostics == "")
            let report = try LineCodec.decode(JSONValue.self, from: outcome.document.utf8)
            #expect(report["cells"]?.items?.count == 4)
            // A machine that is too busy for reclaim voids the cell under pressure.
            if report.at("cells.1.verdict") != .text("invalid") {
                for (index, name) in ["no cgroup", "charging", "CPU contention", "reclaim"]
                    .enumerated()
                {
                    #expect(report.at("cells.1.parts.\(index).name") == .text(name))
                }
            }
            for cell in 2...3 {
                #expect(report.at("cells.\(cell).verdict") != .text("invalid"))
                // Nothing has to reclaim in a control; a busy machine may void a slice.
                for reason in ["unpressured", "pressure-failed"] {
                    #expect(report.at("cells.\(cell).arms.A.voids.\(reason)") == nil)
                }
            }
            let journal = try SystemFile.read("\(directory)/j.jsonl")
            #expect(journal.contains(#""kind":"cgroup""#))
        }
    }
}
