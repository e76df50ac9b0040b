// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Commands
@testable import Doctor

@Suite struct DoctorMemoryTests {
    private func meminfo(available: Int) -> String {
        "MemTotal:       16777216 kB\nMemFree:        1 kB\nMemAvailable:   \(available) kB\n"
    }

    @Test func enoughMemoryIsOK() throws {
        let fixture = try DoctorFixture(["/proc/meminfo": meminfo(available: 8 << 20)])
        let found = MemoryCheck.finding(fixture.machine())
        #expect(found.state == .ok)
        #expect(found.fact == "8.0GiB of 16.0GiB available, 7.2GiB of it for pressure")
    }

    @Test func littleMemoryIsLimitedAndUnknownMemoryIsMissing() throws {
        let fixture = try DoctorFixture(["/proc/meminfo": meminfo(available: 1 << 20)])
        #expect(MemoryCheck.finding(fixture.machine()).state == .limited)
        #expect(MemoryCheck.finding(try DoctorFixture().machine()).state == .missing)
    }

    @Test func stallInformationIsOKOrMissing() throws {
        let fixture = try DoctorFixture([
            "/proc/pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"
        ])
        #expect(MemoryCheck.stallFinding(fixture.machine()).state == .ok)
        let without = MemoryCheck.stallFinding(try DoctorFixture().machine())
        #expect(without.state == .missing)
        #expect(without.remedy?.text.contains("psi=1") == true)
    }

    @Test func swapIsOKOrMissing() throws {
        let head = "Filename\tType\tSize\tUsed\tPriority\n"
        let fixture = try DoctorFixture([
            "/proc/swaps": head + "/dev/zram0\tpartition\t2097152\t1024\t-2\n"
        ])
        let found = MemoryCheck.swapFinding(fixture.machine())
        #expect(found.state == .ok)
        #expect(found.fact == "2.0GiB, 1MiB used: /dev/zram0")
        let none = try DoctorFixture(["/proc/swaps": head])
        #expect(MemoryCheck.swapFinding(none.machine()).state == .missing)
    }

    private let v1 =
        "30 23 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"

    @Test func aGroupThatCouldBeMadeIsOK() throws {
        let fixture = try DoctorFixture([
            "/proc/self/mountinfo": v1, "/proc/self/cgroup": "4:memory:/\n",
        ])
        let found = CgroupCheck.finding(fixture.machine(), refusal: nil)
        #expect(found.state == .ok)
        #expect(found.fact.hasPrefix("v1 at "))
    }

    @Test func aGroupThatWasRefusedIsLimited() throws {
        let fixture = try DoctorFixture([
            "/proc/self/mountinfo": v1, "/proc/self/cgroup": "4:memory:/\n",
        ])
        let refusal = PlumblineError.failure("cannot make /a/b: Permission denied")
        let user = CgroupCheck.finding(fixture.machine(root: false), refusal: refusal)
        #expect(user.state == .limited)
        #expect(user.fact.hasSuffix("/memory: cannot create a group: Permission denied"))
        #expect(user.remedy == .command("sudo plumbline doctor"))
        let root = CgroupCheck.finding(fixture.machine(), refusal: refusal)
        #expect(root.remedy?.kind == "advice")
    }

    @Test func onV2AUserCanHaveAGroupDelegated() throws {
        let fixture = try DoctorFixture([
            "/proc/self/mountinfo":
                "30 23 0:26 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw\n",
            "/proc/self/cgroup": "0::/user.slice\n",
            "/sys/fs/cgroup/cgroup.controllers": "cpu memory pids\n",
        ])
        let refusal = PlumblineError.failure("no")
        let found = CgroupCheck.finding(fixture.machine(root: false), refusal: refusal)
        #expect(found.fact.hasPrefix("v2 at "))
        #expect(found.remedy?.text.contains("Delegate=yes") == true)
    }

    @Test func whyThereIsNoControllerDecidesTheRemedy() throws {
        let head = "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
        func remedy(_ line: String) throws -> Remedy? {
            let fixture = try DoctorFixture(["/proc/cgroups": head + line])
            let found = CgroupCheck.finding(fixture.machine(), refusal: nil)
            #expect(found.state == .missing)
            return found.remedy
        }
        #expect(try remedy("")?.text.contains("CONFIG_MEMCG") == true)
        #expect(try remedy("memory\t0\t1\t0\n")?.text.contains("cgroup_disable") == true)
        #expect(
            try remedy("memory\t0\t1\t1\n") == .command("mount -t cgroup2 cgroup2 /sys/fs/cgroup"))
    }

    @Test func whatMayBeLockedIsJudgedForUsersAlone() throws {
        let user = try DoctorFixture(["/proc/self/status": noCapabilities]).machine(root: false)
        let root = try DoctorFixture(["/proc/self/status": allCapabilities]).machine()
        let small: LimitCheck.Limits = (8 << 20, 8 << 20)
        #expect(LimitCheck.lockedFinding(root, small).state == .ok)
        #expect(LimitCheck.lockedFinding(user, (nil, nil)).state == .ok)
        #expect(LimitCheck.lockedFinding(user, (32 << 20, nil)).state == .ok)
        let refused = LimitCheck.lockedFinding(user, small)
        #expect(refused.state == .limited)
        #expect(refused.remedy == .command("sudo prlimit --pid $$ --memlock=unlimited"))
        let raisable = LimitCheck.lockedFinding(user, (8 << 20, nil))
        #expect(raisable.remedy == .command("ulimit -l 32768"))
    }
}
