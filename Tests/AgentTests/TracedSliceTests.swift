// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import Testing

@testable import Agent

/// Slices that a real agent traces on this machine.
@Suite(.serialized) struct TracedSliceTests {
    private static let hasTracefs = SystemFile.exists("\(TraceInstance.root)/instances")

    private func greeted() throws -> AgentProcess {
        let agent = try AgentProcess()
        _ = try agent.next()
        return agent
    }

    private func traced(_ number: Int) -> TestOrder {
        var order = order(number)
        order.slice.traces = true
        return order
    }

    @Test(
        "a traced slice says what its workers allocate, one that counts says nothing of it",
        .enabled(if: hasTracefs, "needs root and tracefs on /sys/kernel/tracing"))
    func traces() throws {
        let agent = try greeted()
        try agent.send(traced(1))
        guard case .result(_, let slice)? = try agent.answer() else {
            Issue.record("no slice")
            return
        }
        let mechanism = try #require(slice.mechanism)
        if mechanism.dropped == 0 {
            #expect(mechanism.events > 0)
            #expect(mechanism.counts.contains { $0.quantity == .pages && $0.function == nil })
        } else {
            #expect(mechanism.counts.isEmpty)
        }
        try agent.send(order(2))
        guard case .result(_, let plain)? = try agent.answer() else {
            Issue.record("no slice")
            return
        }
        #expect(plain.mechanism == nil)
        // Nothing is left of it.
        try agent.send(.bye)
        #expect(try agent.end() == .exited(0))
        let left = SystemTree.live.list("\(TraceInstance.root)/instances")
        #expect(!left.contains { $0.hasPrefix("plumbline-\(agent.child.id)-") })
    }

    @Test(
        "without tracefs the order fails and says what to do, and the visit goes on",
        .enabled(if: !hasTracefs, "tracefs is on /sys/kernel/tracing"))
    func withoutTracefs() throws {
        let agent = try greeted()
        try agent.send(traced(1))
        guard case .failed(_, let error)? = try agent.answer() else {
            Issue.record("it traced")
            return
        }
        #expect(error.message.contains("tracefs"))
        #expect(!error.remedy.isEmpty)
        try agent.send(.run(order(2, duration: 500_000_000).slice))
        guard case .result(_, let slice)? = try agent.answer() else {
            Issue.record("the visit has ended")
            return
        }
        #expect(slice.operations > 0)
    }
}
