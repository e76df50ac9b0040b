// SPDX-License-Identifier: GPL-3.0-or-later

import LabSupport
import Linux
import TestSupport
import Testing

/// The controller of a machine over ssh is killed, or is one of two.
@Suite(
    .serialized,
    .disabled(if: RemoteToggle.missing != nil, "\(RemoteToggle.missing ?? "")"))
struct RemoteControllerTests {
    @Test func aKilledControllerLeavesNothingOnEitherSideAndResumeGoesOn() throws {
        let toggle = try RemoteToggle(SSHServer())
        let before = Leftovers.now()
        var more: [String] = []
        for _ in 0..<4 {
            try toggle.start(more)
            try Clock.sleep(nanoseconds: .random(in: 500_000_000...4_000_000_000))
            try toggle.run.process?.kill()
            _ = try toggle.run.wait()
            try toggle.expectClean()
            try eventually("the connection ends") { toggle.server.connections.isEmpty }
            try before.expectNone()
            more = toggle.slices == 0 ? [] : ["--resume"]
            if more.isEmpty { try? SystemFile.unlink("\(toggle.run.directory)/j.jsonl") }
        }
        let journal = toggle.run.journal
        try toggle.start(more)
        try toggle.expectWhole(keeping: journal)
        try before.expectNone()
    }

    @Test func twoControllersMeasureOneMachineAndLeaveNothing() throws {
        let server = try SSHServer()
        let (one, two) = (try RemoteToggle(server), try RemoteToggle(server))
        let before = Leftovers.now()
        try one.start(blocks: 6)
        try two.start(blocks: 6)
        for toggle in [one, two] {
            // Each takes the CPUs from the other one, so that a cell may end without a verdict.
            #expect([0, 3, 4, 5].contains(try toggle.run.wait()), "\(toggle.run.printed)")
            #expect(try toggle.stored.ending?.state == .finished)
            #expect(try toggle.stored.failures.isEmpty, "\(toggle.run.printed)")
            try toggle.expectClean()
        }
        try before.expectNone()
    }

    @Test func twoControllersDoNotSwitchOneKnob() throws {
        let one = try RemoteToggle(SSHServer())
        let two = try PlumblineRun()
        let before = Leftovers.now()
        try one.start()
        try one.awaitSlices(2)
        let code = try two.run([
            "toggle", "short.yaml", "--on", one.server.address.description, "--ssh-config",
            one.server.client(), "--knob", "\(one.knob)=71,72", "--slice", "20ms",
            "--output", "j.jsonl",
        ])
        #expect(code == 1)
        #expect(
            two.printed.contains("the knob \(one.knob) is switched by another plumbline"),
            "\(two.printed)")
        try one.expectWhole(keeping: "")
        try before.expectNone()
    }
}
