// SPDX-License-Identifier: GPL-3.0-or-later

import Journal
import Testing

@testable import Doctor

/// What doctor says of published claims.
@Suite struct DoctorClaimTests {
    private func finding(
        _ fixture: DoctorFixture, _ change: (inout ClaimSetUp) -> Void
    ) -> Finding {
        var setUp = ClaimSetUp(name: "lab-set-up")
        change(&setUp)
        return ClaimCheck.finding(fixture.machine(), setUp, directories: ["/usr/bin"])
    }

    @Test func aSetUpOfWhichNothingIsKnownCanBeRun() throws {
        let found = finding(try DoctorFixture()) { _ in }
        #expect(found.state == .ok && found.topic.id == "claim_lab_set_up")
    }

    @Test func anotherMachineIsNamed() throws {
        let found = finding(try DoctorFixture()) {
            $0.architecture = "vax"
            $0.cpus = 8000
        }
        #expect(found.state == .missing)
        #expect(found.fact.contains("of at least 8000") && found.fact.contains("not vax"))
    }

    @Test func aMissingProgramIsInstalled() throws {
        let fixture = try DoctorFixture()
        let without = finding(fixture) { $0.program = "stress-ng" }
        #expect(without.fact == "no stress-ng")
        #expect(without.remedy == .command("apt-get install stress-ng"))
        try fixture.add("/usr/bin/stress-ng", "")
        #expect(finding(fixture) { $0.program = "stress-ng" }.state == .ok)
    }

    @Test func interruptsNeedADiskThatHasThem() throws {
        let fixture = try DoctorFixture()
        #expect(finding(fixture) { $0.completion = "interrupt" }.state == .missing)
        try fixture.add("/sys/module/null_blk/", "")
        #expect(finding(fixture) { $0.completion = "interrupt" }.state == .ok)
        #expect(finding(try DoctorFixture()) { $0.completion = "inline" }.state == .ok)
    }
}
