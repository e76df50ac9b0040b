// SPDX-License-Identifier: GPL-3.0-or-later

import AgentClient
import Basics
import Linux
import Protocol
import Synchronization

@testable import Experiment

/// A target that answers by a closure, for what no real machine does on demand; keeps what it was
/// asked for.
struct FakeTarget: Target {
    /// What it was asked for, in order: `open 0`, `select A`, `measure a A`, `close`.
    final class Calls: Sendable {
        private let texts = Mutex<[String]>([])
        func add(_ text: String) { texts.withLock { $0.append(text) } }
        var all: [String] { texts.withLock { $0 } }
    }

    let armsShareMachine: Bool
    let calls = Calls()
    /// What comes of a slice; nil for one that counts.
    var answer: @Sendable (SliceOrder, Arm) -> AgentDriver.Answer<SliceRecord>? = { _, _ in nil }
    /// What is wrong with a round at its end.
    var complaint: @Sendable (Int) -> Loss? = { _ in nil }
    /// The kernel of an arm in a round.
    var hello: @Sendable (Arm, Int) -> Hello = { _, _ in FakeAgent.hello }
    private(set) var loss: Loss?
    private var round = 0

    init(armsShareMachine: Bool) { self.armsShareMachine = armsShareMachine }

    mutating func greeting() async throws(PlumblineError) -> Hello { FakeAgent.hello }

    mutating func open(round: Int, arms: [Arm]) async throws(PlumblineError) -> [Arm: Hello] {
        calls.add("open \(round)")
        self.round = round
        loss = nil
        guard !armsShareMachine else { return [:] }
        return [.a: hello(.a, round), .b: hello(.b, round)]
    }

    mutating func select(_ arm: Arm) async throws(PlumblineError) -> [Arm: Hello] {
        calls.add("select \(arm)")
        return [:]
    }

    func cell(_ cell: CellPlan, on arm: Arm) throws(PlumblineError) -> CellPlan { cell }

    mutating func prepare(
        _ order: PrepareOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<Void> {
        calls.add("prepare \(order.cell.name) \(arm)")
        return .done(())
    }

    mutating func release(
        _ order: ReleaseOrder, on arm: Arm
    ) async throws(PlumblineError) -> VisitRecord? {
        calls.add("release \(arm)")
        return nil
    }

    mutating func measure(
        _ order: SliceOrder, on arm: Arm
    ) async throws(PlumblineError) -> AgentDriver.Answer<SliceRecord> {
        calls.add("measure \(order.cell) \(arm)")
        let answer = answer(order, arm) ?? .done(Self.slice(order))
        if case .unfit(let error) = answer, !armsShareMachine {
            loss = Loss(arm: arm, error: error)
        }
        return answer
    }

    mutating func close() async -> Loss? {
        calls.add("close")
        return loss ?? complaint(round)
    }

    /// A slice of ten operations in half a second.
    static func slice(_ order: SliceOrder, void: Bool = false) -> SliceRecord {
        SliceRecord(
            cell: order.cell, number: order.number, startedAt: 1, operations: 10,
            bytes: 655_360, interval: 500_000_000, tracks: [:],
            pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
            evidence: EvidenceRecord(), validity: Validity(void ? [.unpressured: "x"] : [:]))
    }
}
