// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import Testing
import Verdicts

/// The agent is killed while a run or a toggle of this machine goes on.
@Suite(.serialized, .disabled(if: Faults.missing != nil, "\(Faults.missing ?? "")"))
struct AgentDeathTests {
    private static let cells = Cells.memcg + "\n" + Cells.loop

    @Test func anAgentKilledAtAnyMomentIsReplacedAndTheRunIsWhole() throws {
        for _ in 0..<8 {
            let run = try MachineRun(Self.cells, slice: "50ms")
            try run.start("run machine.yaml")
            try run.awaitSlices()
            try Clock.sleep(nanoseconds: .random(in: 0...2_500_000_000))
            let agent = run.agent
            if let agent { try? ChildProcess(id: agent).kill() }
            let isEarly = run.slices.count < 8
            #expect(try run.wait() == 0, "\(run.printed)")
            #expect(run.slices.count == 16, "\(run.printed)")
            #expect(run.unexpectedReasons.isEmpty, "\(run.slices.map(\.reasons))")
            if agent != nil, isEarly {
                #expect(run.printed.contains("killed by signal 9"), "\(run.printed)")
            }
            try run.expectNothingLeft()
        }
    }

    @Test func agentsKilledAgainAndAgainEndTheRunAndWhatWasMeasuredIsKept() throws {
        let run = try MachineRun(Cells.pipe + "\n" + Cells.loop, slice: "100ms", slices: 30)
        try run.start("run machine.yaml")
        while run.isRunning, run.slices.isEmpty { try Clock.sleep(nanoseconds: 5_000_000) }
        while run.isRunning {
            if let agent = run.agent { try? ChildProcess(id: agent).kill() }
            try Clock.sleep(nanoseconds: 5_000_000)
        }
        #expect(try run.wait() == 1, "\(run.printed)")
        #expect(run.printed.contains("killed by signal 9"), "\(run.printed)")
        let kept = run.slices
        #expect(!kept.isEmpty)
        try run.expectNothingLeft()
        try run.start("run machine.yaml --resume")
        #expect(try run.wait() == 0, "\(run.printed)")
        #expect(Array(run.slices.prefix(kept.count)) == kept)
        #expect(run.slices.count == 60)
    }

    @Test func anAgentKilledInAToggleIsNoFindingAboutAnArm() throws {
        let value = try SystemFile.readInteger("/proc/sys/vm/swappiness")
        for _ in 0..<3 {
            let run = try MachineRun(Cells.pipe)
            try run.start(
                "toggle machine.yaml --knob vm.swappiness=\(value),\(value) --blocks 8")
            try run.awaitSlices()
            try Clock.sleep(nanoseconds: .random(in: 0...1_500_000_000))
            if let agent = run.agent { try? ChildProcess(id: agent).kill() }
            let code = try run.wait()
            #expect([0, 3, 4].contains(code), "\(code): \(run.printed)")
            #expect(run.printed.contains("killed by signal 9"), "\(run.printed)")
            #expect(!run.printed.contains("failed on arm"), "\(run.printed)")
            #expect(try run.journal.blocks(of: "pipe/1w1r/64KiB/default/none").count >= 8)
            try run.expectNothingLeft()
        }
    }
}
