// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import Testing

@testable import Agent

/// What an agent does with knobs, on files of this machine.
@Suite(.serialized) struct KnobTurnTests {
    /// A file that is a knob, with the value 60.
    private final class KnobFile {
        let path = "/tmp/plumbline-turn-\(UInt64.random(in: 0 ... .max))"
        init() throws { try Descriptor.open(path, [.write, .create]).writeAll("60\n") }
        deinit { try? SystemFile.unlink(path) }
        var value: String { (try? SystemFile.read(path))?.trimmed ?? "" }
        func set(_ value: String) throws { try SystemFile.write(value, to: path) }
    }

    private func greeted() throws -> AgentProcess {
        let agent = try AgentProcess()
        _ = try agent.next()
        return agent
    }

    private func turn(
        _ agent: AgentProcess, _ target: String, to value: String, kind: KnobKind = .file
    ) throws -> AgentMessage? {
        try agent.send(
            .turn(TurnOrder(order: 9, knobs: [.init(kind: kind, target: target, value: value)])))
        return try agent.answer()
    }

    private func error(
        _ target: String, to value: String, kind: KnobKind = .file
    ) throws -> PlumblineError? {
        let agent = try greeted()
        guard case .failed(9, let error)? = try turn(agent, target, to: value, kind: kind) else {
            return nil
        }
        // The next order runs.
        try agent.send(order(10))
        guard case .result(10, _)? = try agent.answer() else { return nil }
        try end(agent)
        return error
    }

    /// Has the agent restore what it changed.
    private func end(_ agent: AgentProcess) throws {
        try agent.send(.bye)
        #expect(try agent.answer() == .bye)
    }

    private func slice(_ agent: AgentProcess, _ number: Int) throws -> Validity {
        try agent.slice(number) { order(number, duration: $0) }.validity
    }

    @Test func theLastCommandRunsWhenTheAgentEnds() throws {
        let (agent, file) = (try greeted(), try KnobFile())
        let knob = TurnOrder.Knob(
            kind: .command, target: "sh", value: "echo B >\(file.path)",
            last: "echo A >\(file.path)")
        try agent.send(.turn(TurnOrder(order: 9, knobs: [knob])))
        #expect(try agent.answer() == .turned(order: 9))
        #expect(file.value == "B")
        try end(agent)
        #expect(file.value == "A")
    }

    @Test func aFileGetsItsValueAndItsOldOneAtTheEnd() throws {
        let (agent, knob) = (try greeted(), try KnobFile())
        #expect(try turn(agent, knob.path, to: "70") == .turned(order: 9))
        #expect(knob.value == "70")
        #expect(try slice(agent, 1).isValid)
        #expect(try turn(agent, knob.path, to: "80") == .turned(order: 9))
        #expect(knob.value == "80")
        #expect(try slice(agent, 2).isValid)
        try end(agent)
        #expect(knob.value == "60")
    }

    @Test func aSliceIsVoidWhereSomebodyElseFlippedTheKnobBefore() throws {
        let (agent, knob) = (try greeted(), try KnobFile())
        _ = try turn(agent, knob.path, to: "70")
        try knob.set("75")
        let reasons = try slice(agent, 1).reasons
        #expect(reasons["knob-changed"]?.contains("set to '70' and holds '75'") == true)
        _ = try turn(agent, knob.path, to: "70")
        #expect(try slice(agent, 2).isValid)
        try end(agent)
    }

    @Test func aSliceIsVoidWhereSomebodyElseFlippedTheKnobDuringIt() throws {
        let (agent, knob) = (try greeted(), try KnobFile())
        _ = try turn(agent, knob.path, to: "70")
        try agent.send(order(1, duration: 3_000_000_000))
        try agent.awaitHeartbeats(of: 1)
        try knob.set("75")
        guard case .result(1, let slice)? = try agent.answer() else {
            Issue.record("no slice")
            return
        }
        #expect(slice.validity.reasons.keys.contains("knob-changed"))
        #expect(!slice.validity.endsVisit)
        try end(agent)
    }

    @Test func aKnobThatIsAbsentIsNamed() throws {
        let absent = try error("/sys/module/pipe/parameters/nonesuch", to: "Y")
        #expect(absent?.kind == .usage)
        #expect(absent?.message.contains("parameters/nonesuch does not exist") == true)
    }

    @Test func aKnobThatCannotBeWrittenIsNamed() throws {
        let fixed = try error("/proc/sys/kernel/osrelease", to: "x")
        #expect(fixed?.kind == .usage)
        #expect(fixed?.message.contains("cannot be written") == true)
    }

    @Test func aValueThatIsReadBackDifferentlyIsShownBesideTheOneWritten() throws {
        // A file keeps the rest of its text, as a kernel's file that caps a value would differ.
        let knob = try KnobFile()
        let mismatch = try error(knob.path, to: "7")
        #expect(mismatch?.message.contains("'7' was written, and '70' is read back") == true)
        #expect(knob.value == "60")
    }

    @Test func aCommandRunsInAShell() throws {
        let (agent, knob) = (try greeted(), try KnobFile())
        let answer = try turn(agent, "sh", to: "echo 70 >\(knob.path)", kind: .command)
        #expect(answer == .turned(order: 9))
        #expect(knob.value == "70")
    }

    @Test func aCommandThatCannotRunIsRefusedWithWhatCan() throws {
        let failed = try error("sh", to: "no-such-program --on", kind: .command)
        #expect(failed?.message.contains("exit code 127") == true)
        #expect(failed?.remedy.contains("programs of this machine: ") == true)
        #expect(failed?.remedy.contains("`echo VALUE >FILE` sets a file") == true)
    }

    @Test func aSettingIsNoKnobOfTheKernel() throws {
        #expect(try error("handicap", to: "5", kind: .setting)?.kind == .usage)
    }

    @Test func theTasksThatRunAreKnown() throws {
        #expect(try #require(KnobTurner.othersRunning) >= 0)
    }
}
