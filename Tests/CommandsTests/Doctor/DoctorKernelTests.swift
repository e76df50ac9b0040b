// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Commands
@testable import Doctor

@Suite struct DoctorKernelTests {
    @Test func aKernelWithABuildIDIsOK() throws {
        let found = KernelCheck.finding(
            try DoctorFixture().machine(), release: "6.12.1-amd64", version: "#1 SMP",
            buildID: "abc123")
        #expect(found.state == .ok)
        #expect(found.fact == "6.12.1-amd64, #1 SMP, build id abc123")
    }

    @Test func aKernelWithoutABuildIDIsLimited() throws {
        let fixture = try DoctorFixture()
        let found = KernelCheck.finding(
            fixture.machine(), release: "6.12.1", version: "#1", buildID: nil)
        #expect(found.state == .limited)
        #expect(found.remedy == .command("mount -t sysfs sysfs /sys"))
    }

    @Test(arguments: ["6.0.9", "5.10.0-28-amd64", "4.19.0"])
    func aKernelBefore61IsLimited(_ release: String) throws {
        let found = KernelCheck.finding(
            try DoctorFixture().machine(root: false), release: release, version: "#1",
            buildID: "ab")
        #expect(found.state == .limited)
        #expect(
            found.remedy
                == .command("sudo sh -c 'apt-get install linux-image-amd64 && reboot'"))
    }

    @Test(arguments: ["6.1.0", "6.12.0-rc1", "7.2", "10.0.1"])
    func laterKernelsAreNotBefore61(_ release: String) {
        #expect(!KernelCheck.isBefore(release, major: 6, minor: 1))
    }

    @Test func theHypervisorFlagMakesAVirtualMachine() throws {
        let fixture = try DoctorFixture([
            "/proc/cpuinfo": "model name\t: A\nflags\t\t: fpu hypervisor lm\n",
            "/sys/class/dmi/id/product_name": "Standard PC\n",
        ])
        let found = HypervisorCheck.finding(fixture.machine())
        #expect(found.state == .limited)
        #expect(found.fact == "a virtual machine (Standard PC)")
    }

    @Test func withoutTheFlagTheMachineIsBareMetal() throws {
        let fixture = try DoctorFixture(["/proc/cpuinfo": "flags\t\t: fpu lm\n"])
        #expect(HypervisorCheck.finding(fixture.machine()).state == .ok)
    }

    @Test func xenShowsBySysHypervisor() throws {
        let fixture = try DoctorFixture(["/sys/hypervisor/type": "xen\n"])
        #expect(HypervisorCheck.finding(fixture.machine()).fact == "a virtual machine (xen)")
    }

    private func sample(_ line: String) -> StealCheck.Sample? { StealCheck.Sample(stat: line) }

    @Test func stealIsTheShareOfTheTimeWanted() throws {
        let before = sample("cpu  100 0 100 1000 5 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1\n")
        let after = try #require(sample("cpu  140 0 105 2000 9 0 0 5 0 0\n"))
        #expect(after.percent(since: before) == 10)
        #expect(after.percent(since: nil) == 2)
    }

    @Test func aLittleStealIsOKAndMuchIsLimited() {
        let before = sample("cpu  1000 0 0 0 0 0 0 0 0 0\n")
        let little = sample("cpu  1049 0 0 0 0 0 0 1 0 0\n")
        let much = sample("cpu  1040 0 0 0 0 0 0 10 0 0\n")
        #expect(StealCheck.finding(before: before, after: little).state == .ok)
        #expect(StealCheck.finding(before: before, after: much).state == .limited)
    }

    @Test func anIdleMachineHasNoSteal() throws {
        let same = try #require(sample("cpu  0 0 0 10 0 0 0 0 0 0\n"))
        #expect(same.percent(since: same) == 0)
    }

    @Test(arguments: ["", "intr 5\n", "cpu  1 2 3\n"])
    func withoutProcStatStealIsMissing(_ text: String) {
        #expect(sample(text) == nil)
        #expect(StealCheck.finding(before: nil, after: nil).state == .missing)
    }
}
