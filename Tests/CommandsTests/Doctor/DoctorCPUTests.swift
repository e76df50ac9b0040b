// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Testing

@testable import Commands
@testable import Doctor

@Suite struct DoctorCPUTests {
    private let clocks = "/sys/devices/system/clocksource/clocksource0"
    private let cpus = "/sys/devices/system/cpu"

    @Test func allOnlineCPUsAllowedIsOK() throws {
        let fixture = try DoctorFixture([
            "\(cpus)/online": "0-3\n", "/proc/cpuinfo": "model name\t: Some CPU\n",
        ])
        let found = CPUCheck.finding(fixture.machine(), allowed: CPUSet(0..<4))
        #expect(found.state == .ok)
        #expect(found.fact == "Some CPU: 4 online (0-3), all allowed")
    }

    @Test func fewerAllowedThanOnlineIsLimited() throws {
        let fixture = try DoctorFixture(["\(cpus)/online": "0-3\n"])
        let found = CPUCheck.finding(fixture.machine(), allowed: CPUSet([1]))
        #expect(found.state == .limited)
        #expect(found.remedy == .command("taskset -pc 0-3 $$"))
    }

    @Test func oneCPUIsLimited() throws {
        let fixture = try DoctorFixture(["\(cpus)/online": "0\n"])
        #expect(CPUCheck.finding(fixture.machine(), allowed: CPUSet([0])).state == .limited)
    }

    @Test func threadsThatShareCoresAreLimited() throws {
        let on = try DoctorFixture(["\(cpus)/smt/active": "1\n", "\(cpus)/smt/control": "on\n"])
        let off = try DoctorFixture(["\(cpus)/smt/active": "0\n", "\(cpus)/smt/control": "off\n"])
        #expect(CPUCheck.threadsFinding(on.machine()).state == .limited)
        #expect(CPUCheck.threadsFinding(off.machine()).state == .ok)
        #expect(CPUCheck.threadsFinding(try DoctorFixture().machine()).state == .ok)
    }

    private func timer(_ source: FastClock.Source) -> ClockCheck.Timer {
        ClockCheck.Timer(source: source, readCost: 10, timingCost: 20)
    }

    @Test func theTSCIsOK() throws {
        let fixture = try DoctorFixture([
            "\(clocks)/current_clocksource": "tsc\n",
            "/proc/cpuinfo": "flags\t\t: tsc nonstop_tsc\n",
        ])
        let found = ClockCheck.finding(fixture.machine(), timer: timer(.tsc))
        #expect(found.state == .ok)
        #expect(
            found.fact
                == "source tsc, TSC invariant; timer tsc: 10.0ns a reading, "
                + "20.0ns to time one operation")
    }

    @Test func anUnusedTSCIsMendedBySelectingIt() throws {
        let fixture = try DoctorFixture([
            "\(clocks)/current_clocksource": "kvm-clock\n",
            "\(clocks)/available_clocksource": "kvm-clock tsc hpet \n",
            "/proc/cpuinfo": "flags\t\t: tsc nonstop_tsc\n",
        ])
        let found = ClockCheck.finding(fixture.machine(root: false), timer: timer(.monotonic))
        #expect(found.state == .limited)
        #expect(
            found.remedy
                == .command("sudo sh -c 'echo tsc > \(clocks)/current_clocksource'"))
    }

    @Test func aTSCThatIsNotInvariantIsNotSelected() throws {
        let fixture = try DoctorFixture([
            "\(clocks)/current_clocksource": "hpet\n",
            "\(clocks)/available_clocksource": "hpet tsc\n",
        ])
        let found = ClockCheck.finding(fixture.machine(), timer: timer(.monotonic))
        #expect(found.state == .limited)
        #expect(found.remedy?.kind == "advice")
        #expect(found.consequence?.contains("wrong") == true)
    }

    @Test func performanceOnEveryCPUIsOK() throws {
        let fixture = try DoctorFixture([
            "\(cpus)/cpu0/cpufreq/scaling_governor": "performance\n",
            "\(cpus)/cpu1/cpufreq/scaling_governor": "performance\n",
        ])
        #expect(GovernorCheck.finding(fixture.machine()).state == .ok)
        try fixture.add("\(cpus)/cpu2/cpufreq/scaling_governor", "powersave\n")
        let mixed = GovernorCheck.finding(fixture.machine())
        #expect(mixed.state == .limited)
        #expect(mixed.fact == "performance, powersave")
    }

    @Test func noGovernorIsNormalInAGuestAlone() throws {
        let guest = try DoctorFixture(["/proc/cpuinfo": "flags\t: hypervisor\n"])
        let metal = try DoctorFixture(["/proc/cpuinfo": "flags\t: fpu\n"])
        #expect(GovernorCheck.finding(guest.machine()).state == .ok)
        #expect(GovernorCheck.finding(metal.machine()).state == .limited)
    }

    @Test func nodesAreCounted() throws {
        let fixture = try DoctorFixture(["/sys/devices/system/node/online": "0-1\n"])
        let found = NUMACheck.finding(fixture.machine(), isAvailable: true)
        #expect(found.fact == "2 nodes (0-1)")
        #expect(NUMACheck.finding(fixture.machine(), isAvailable: false).state == .limited)
        let one = NUMACheck.finding(try DoctorFixture().machine(), isAvailable: true)
        #expect(one.fact == "one node")
    }
}
