// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import SystemPackage
import Testing

@testable import Probes

@Suite("Operations of which one allocation fails") struct ShortageTests {
    /// The faults found in an operation of 100 bytes.
    private func faults(_ operation: (Int) -> Shortage.Trial) throws -> [String] {
        var findings = ProbeFindings()
        try Shortage(words: "a write", bytes: 100).run(into: &findings) { (number) throws(Errno) in
            operation(number)
        }
        return findings.faults
    }

    /// Three allocations, of which each may fail.
    private func answer(
        _ number: Int, failed: Int = -12, whole: Int = 100, complaint: String? = nil
    ) -> Shortage.Trial {
        let hasFailed = number <= 3
        return Shortage.Trial(
            answer: hasFailed ? failed : whole, hasFailed: hasFailed,
            complaint: hasFailed ? complaint : nil)
    }

    @Test("ENOMEM, a short answer, and a whole one are right where an allocation failed")
    func right() throws {
        for failed in [-12, 1, 60, 100] {
            #expect(try faults { answer($0, failed: failed) } == [])
        }
    }

    @Test("anything else is a fault")
    func wrong() throws {
        for failed in [0, -5, -11, 101] {
            #expect(try faults { answer($0, failed: failed) }.count == 3)
        }
        #expect(try faults { answer($0, failed: 60, complaint: "59 bytes are right") }.count == 3)
    }

    @Test("an operation of which no allocation failed must be whole")
    func whole() throws {
        for whole in [99, 0, -12] {
            #expect(try faults { answer($0, whole: whole) }.count == 1)
        }
    }

    @Test("a kernel that fails nothing, or everything, proves nothing")
    func nothing() throws {
        let none = try faults { _ in Shortage.Trial(answer: 100, hasFailed: false) }
        #expect(none == ["a write: none of its allocations was made to fail"])
        let all = try faults { _ in Shortage.Trial(answer: -12, hasFailed: true) }
        #expect(all == ["a write: each of its first \(Shortage.most) allocations failed"])
    }
}
