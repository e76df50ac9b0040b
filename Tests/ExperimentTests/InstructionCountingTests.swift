// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage
import Testing

@testable import Experiment

@Suite struct InstructionCountingTests {
    private let machine = FakeAgent.hello

    @Test func aMachineThatCountsIsNotRefused() {
        var machine = machine
        machine.capabilities = ["pmu"]
        #expect(InstructionCounting.objection(on: nil)(machine) == nil)
        #expect(InstructionCounting.objection(on: nil)(self.machine) != nil)
    }

    @Test(arguments: [Errno.permissionDenied, .notPermitted])
    func whatIsForbiddenNamesTheSysctl(_ error: Errno) {
        let refusal = InstructionCounting.refusal(.failure(error))
        #expect(refusal.exitCode == 1)
        #expect(refusal.remedy.contains("sysctl -w kernel.perf_event_paranoid=1"))
        #expect(refusal.remedy.contains("--kernel IMAGE --metric instructions"))
    }

    @Test func countersThatOthersHoldAreNamed() {
        let refusal = InstructionCounting.refusal(.failure(.resourceBusy))
        #expect(refusal.message.contains("other programs use"))
        #expect(refusal.remedy.contains("perf"))
    }

    @Test(arguments: [Result<UInt64, Errno>.failure(.noSuchFileOrDirectory), .success(0)])
    func whatIsNotThereNamesAGuest(_ attempt: Result<UInt64, Errno>) {
        let refusal = InstructionCounting.refusal(attempt)
        #expect(refusal.message.contains("no usable PMU"))
        #expect(refusal.remedy.contains("--kernel IMAGE --metric instructions"))
    }

    @Test func aToggleOnAMachineWithoutAPMUEndsBeforeItsFirstSlice() async throws {
        let harness = try ToggleHarness()
        let error = await #expect(throws: PlumblineError.self) {
            try await harness.run(["set:timing=op,op"], metric: .pmu)
        }
        #expect(error?.message.contains("cannot be counted") == true, "\(error?.message ?? "")")
        #expect(!SystemFile.exists(harness.path))
    }

    @Test func everySliceOfSuchAToggleIsOrderedWithItsCount() async throws {
        var machine = machine
        machine.capabilities = ["pmu"]
        let greeting = String(
            decoding: try LineCodec.encode(AgentMessage.hello(machine)).dropLast(), as: UTF8.self)
        let harness = try ToggleHarness(
            answer: #"[[ $plan == *'"counts_instructions":true'* ]] && result || failed failure"#,
            greeting: "echo '\(greeting)'")
        let outcome = try await harness.run(
            ["set:timing=op,op"], cells: ["a"], metric: .pmu)
        #expect(outcome.failures.isEmpty)
        let journal = try harness.journal
        #expect(journal.header.plan.metric == .pmu)
        #expect(journal.header.countsInstructions)
    }
}
