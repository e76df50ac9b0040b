// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import AgentClient

/// A guest's clock against this machine's.
struct ClockCheckTests {
    /// What slices say whose guest's clock shows this many milliseconds at this one's second.
    private func objections(_ clock: [(here: Double, there: Double)]) -> [String?] {
        var check = ClockCheck()
        let start = ContinuousClock.now
        return clock.map { here, there in
            let moment = start + .milliseconds(here)
            return check.objection(
                opened: UInt64(1_700_000_000_000 + there) * 1_000_000,
                notBefore: moment - .milliseconds(8), notAfter: moment + .milliseconds(55))
        }
    }

    @Test func clocksThatAgreeAreNoFault() {
        let same = (0..<200).map { (here: Double($0) * 70, there: 40 + Double($0) * 70) }
        #expect(objections(same).allSatisfy { $0 == nil })
        let slewed = (0..<200).map { (here: Double($0) * 70, there: Double($0) * 70.035) }
        #expect(objections(slewed).allSatisfy { $0 == nil })
    }

    @Test func aClockThatJumpsOrStandsStillIsAFault() throws {
        let ahead = try #require(objections([(0, 0), (100, 100), (200, 5200)]).last ?? nil)
        #expect(ahead.hasPrefix("its clock gained 4."), "\(ahead)")
        let behind = try #require(objections([(0, 0), (100, 100), (5200, 200)]).last ?? nil)
        #expect(behind.hasPrefix("its clock lost 4."), "\(behind)")
    }

    @Test(arguments: [("gained", 1000.0), ("lost", -1000.0)])
    func aJumpOfASecondIsFoundAfterAnHourToo(word: String, jump: Double) throws {
        let hour = (0..<3600).map { (here: Double($0) * 1000, there: Double($0) * 1000) }
        let seen = objections(hour + [(here: 3_600_000, there: 3_600_000 + jump)])
        #expect(seen.dropLast().allSatisfy { $0 == nil })
        let found = try #require(seen.last ?? nil)
        #expect(found.hasPrefix("its clock \(word) 0.9 s or more"), "\(found)")
    }

    @Test(arguments: [0.9, 1.1])
    func aClockAtAWrongRateIsAFaultWithinSeconds(rate: Double) {
        let clock = (0..<60).map { (here: Double($0) * 70, there: Double($0) * 70 * rate) }
        let seen = objections(clock)
        #expect(seen.first == .some(nil))
        #expect(seen.last != .some(nil))
    }
}
