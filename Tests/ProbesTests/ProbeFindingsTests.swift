// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import LabSupport
import Linux
import Machine
import Protocol
import SystemPackage
import Testing
import Workloads

@testable import Probes

@Suite("What becomes of a probe's findings") struct ProbeFindingsTests {
    private func result(
        faults: [String] = [], missing: String? = nil, counts: Int = 1
    ) -> (ProbeRecord.Result, String?) {
        var findings = ProbeFindings()
        findings.faults = faults
        findings.missing = missing
        for number in 0..<counts { findings.count("\(number)", 0, unit: "") }
        let record = findings.record(of: "x", duration: 1)
        return (record.result, record.reason)
    }

    @Test("a fault counts, whatever could not be looked at; nothing looked at is no pass")
    func results() {
        #expect(result() == (.pass, nil))
        #expect(result(counts: 0) == (.skip, "it looked at nothing"))
        #expect(result(missing: "no root") == (.skip, "no root"))
        #expect(result(faults: ["a", "b"]) == (.fail, "a; b"))
        #expect(
            result(faults: ["a"], missing: "no root")
                == (.fail, "a; not all was checked: no root"))
    }

    @Test("what the machine lacks skips a probe, and what the kernel does wrong fails it")
    func absence() throws {
        let trial = try Trial()
        for (body, isAbsence) in [
            ({ (host) throws(PlumblineError) in try host.skip("x") }, true),
            (
                { (host) throws(PlumblineError) in
                    try host.setUp("x") { () throws(Errno) in throw .permissionDenied }
                }, true
            ),
            (
                { (host) throws(PlumblineError) in
                    try attempting("x") { () throws(Errno) in throw .permissionDenied }
                }, false
            ),
        ] as [((ProbeHost) throws(PlumblineError) -> Void, Bool)] {
            let host = trial.host()
            let error = #expect(throws: PlumblineError.self) { try body(host) }
            #expect((host.absence(behind: try #require(error)) != nil) == isAbsence)
        }
    }

    @Test("pages that a trace shows allocated must be freed")
    func freed() {
        var findings = ProbeFindings()
        findings.requireFreed(PipeTrace.Counts(allocated: 9, freed: 9), "writes")
        #expect(findings.faults.isEmpty)
        findings.requireFreed(PipeTrace.Counts(allocated: 9, freed: 8), "writes")
        #expect(findings.faults.first?.contains("9 pages were allocated, and 8") == true)
    }

    @Test(
        "a write at a cgroup's limit gets what there is room for, and no more",
        arguments: [
            (0, -12, true), (0, 4096, false), (0, -11, false), (4, 4 * 4096, true),
            (4, 4096, true), (4, 5 * 4096, false), (4, -12, false), (4, 0, false),
        ])
    func limit(room: Int, answer: Int, isRight: Bool) {
        var findings = ProbeFindings()
        findings.requireAnswer(answer, room: room)
        #expect(findings.faults.isEmpty == isRight)
    }

    @Test("few structures may stay after reads, and none when their CPU went offline")
    func structures() {
        var findings = ProbeFindings()
        findings.requireFew(DirectStructures.mostKept, "inline")
        findings.requireNone(0, "inline")
        #expect(findings.faults.isEmpty)
        findings.requireFew(DirectStructures.mostKept + 1, "inline")
        findings.requireNone(1, "inline")
        #expect(findings.faults.count == 2)
    }

    @Test("a trace that lost reads, or shows them elsewhere, proves nothing of them")
    func reads() {
        func problem(_ completions: [TraceLine.Context: Int]) -> String? {
            let counts = DirectTrace.Counts(completions: completions)
            return DirectTrace.problem(with: counts, reads: 8, completing: "softirq")
        }
        #expect(problem([.softirq: 8]) == nil)
        #expect(problem([.softirq: 7])?.contains("7 of 8") == true)
        #expect(problem([:])?.contains("0 of 8") == true)
        #expect(problem([.task: 8, .softirq: 1])?.contains("complete in a task") == true)
    }

    @Test("a read must answer what it must, with right bytes from its start on")
    func bytes() {
        for (answer, right, isRight) in [
            (8, 8, true), (8, 16, true), (8, 7, false), (4, 8, false), (-5, 0, false),
        ] {
            var findings = ProbeFindings()
            findings.requireRead(answer, right: right, must: 8, "a read")
            #expect(findings.faults.isEmpty == isRight)
        }
    }

    @Test("the kernel must not complain")
    func complaints() {
        var findings = ProbeFindings()
        findings.requireNone([])
        #expect(findings.faults.isEmpty)
        findings.requireNone(["BUG: sleeping function called from invalid context"])
        #expect(findings.faults.first?.contains("BUG: sleeping function") == true)
    }

    @Test("bytes that are lost, wrong or nobody's, and a size that never changes, are faults")
    func traffic() {
        func faults(read: UInt64 = 100, proven: UInt64 = 100, corruptions: UInt64 = 0) -> Int {
            var counts = VerificationCounts()
            (counts.read, counts.proven, counts.corruptions) = (read, proven, corruptions)
            var result = PipeTraffic.Result()
            result.judge(counts, wanted: 100)
            return result.faults.count
        }
        #expect(faults() == 0)
        #expect(faults(read: 99, proven: 99) == 1)
        #expect(faults(proven: 99) == 1)
        #expect(faults(corruptions: 1) == 1)
        for (growths, shrinks, wrong) in [(1, 1, 0), (1, 0, 1), (0, 1, 1), (0, 0, 2)] {
            var result = PipeTraffic.Result(growths: growths, shrinks: shrinks)
            result.judgeChanges()
            #expect(result.faults.count == wrong)
        }
    }
}
