// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage
import Testing

@testable import Commands
@testable import Doctor

@Suite struct DoctorIOTests {
    private func ring(
        _ files: [String: String], _ attempt: Result<Ring.Flags, Errno>
    ) throws -> Finding {
        RingCheck.finding(try DoctorFixture(files).machine(), attempt)
    }

    @Test func aRingWithEveryFlagIsOKAndOneWithoutIsLimited() throws {
        #expect(try ring([:], .success(.preferred)).state == .ok)
        let old = try ring([:], .success([.coopTaskrun]))
        #expect(old.state == .limited)
        #expect(old.fact == "allowed, without SINGLE_ISSUER, DEFER_TASKRUN")
    }

    @Test func theSysctlThatForbidsRingsIsNamed() throws {
        let found = try ring(
            ["/proc/sys/kernel/io_uring_disabled": "2\n"], .failure(.notPermitted))
        #expect(found.state == .missing)
        #expect(found.remedy == .command("sysctl -w kernel.io_uring_disabled=0"))
    }

    @Test func aSeccompFilterIsNotAKernelWithoutRings() throws {
        let allowed = ["/proc/sys/kernel/io_uring_disabled": "0\n"]
        let filtered = ["/proc/self/status": "Seccomp:\t2\n"]
        #expect(try ring(allowed, .failure(.notPermitted)).fact.contains("EPERM"))
        #expect(try ring(allowed, .failure(.noFunction)).fact.contains("seccomp"))
        #expect(try ring(filtered, .failure(.noFunction)).fact.contains("seccomp"))
        let none = try ring(["/proc/self/status": "Seccomp:\t0\n"], .failure(.noFunction))
        #expect(none.fact == "refused: not in this kernel (ENOSYS)")
        #expect(none.remedy?.text.contains("CONFIG_IO_URING") == true)
    }

    @Test func tooLittleLockedMemoryForARingIsNamed() throws {
        let found = try ring([:], .failure(.noMemory))
        #expect(found.remedy == .command("prlimit --pid $$ --memlock=unlimited"))
    }

    @Test func aSmallPipeLimitBindsUsersAlone() throws {
        let small = ["/proc/sys/fs/pipe-max-size": "65536\n"]
        let fixture = try DoctorFixture(small.merging(["/proc/self/status": noCapabilities]) { $1 })
        let found = PipeCheck.sizeFinding(fixture.machine(root: false))
        #expect(found.state == .limited)
        #expect(found.remedy == .command("sudo sysctl -w fs.pipe-max-size=1048576"))
        try fixture.add("/proc/sys/fs/pipe-max-size", "1048576\n")
        #expect(PipeCheck.sizeFinding(fixture.machine(root: false)).state == .ok)
        #expect(PipeCheck.sizeFinding(try DoctorFixture(small).machine()).state == .ok)
        #expect(PipeCheck.sizeFinding(try DoctorFixture().machine()).state == .missing)
    }

    private func pages(soft: Int, hard: Int, status: String = noCapabilities) throws -> Finding {
        let fixture = try DoctorFixture([
            "/proc/sys/fs/pipe-user-pages-soft": "\(soft)\n",
            "/proc/sys/fs/pipe-user-pages-hard": "\(hard)\n", "/proc/self/status": status,
        ])
        return PipeCheck.pagesFinding(fixture.machine(root: false), pageSize: 4096)
    }

    @Test func theUsualPagesAllow64PipesOf1MiB() throws {
        let found = try pages(soft: 16384, hard: 0)
        #expect(found.state == .ok)
        #expect(
            found.fact
                == "soft 16384 pages, hard no limit: a user has at most 64 pipes of 1MiB")
    }

    @Test func fewerPagesAreLimitedByWhicheverBindsFirst() throws {
        let soft = try pages(soft: 1024, hard: 0)
        #expect(soft.state == .limited)
        #expect(soft.remedy == .command("sudo sysctl -w fs.pipe-user-pages-soft=16384"))
        let hard = try pages(soft: 16384, hard: 512)
        #expect(hard.remedy == .command("sudo sysctl -w fs.pipe-user-pages-hard=16384"))
        #expect(try pages(soft: 1024, hard: 512, status: allCapabilities).state == .ok)
        #expect(try pages(soft: 0, hard: 0).state == .ok)
    }

    @Test func fewOpenFilesAreLimited() throws {
        let machine = try DoctorFixture().machine(root: false)
        #expect(LimitCheck.filesFinding(machine, (1024, 4096)).state == .ok)
        #expect(LimitCheck.filesFinding(machine, (nil, nil)).state == .ok)
        let raisable = LimitCheck.filesFinding(machine, (256, 4096))
        #expect(raisable.remedy == .command("ulimit -n 1024"))
        let bound = LimitCheck.filesFinding(machine, (256, 256))
        #expect(bound.remedy == .command("sudo prlimit --pid $$ --nofile=1024"))
    }

    @Test(arguments: BlockDeviceCheck.drivers.map(\.name))
    func aDriverIsThereOrAModuleOrMissing(_ name: String) throws {
        let driver = try #require(BlockDeviceCheck.drivers.first { $0.name == name })
        let there = try DoctorFixture([driver.signs[0]: ""])
        #expect(BlockDeviceCheck.finding(there.machine(), driver).state == .ok)
        #expect(BlockDeviceCheck.finding(there.machine(root: false), driver).state == .limited)
        let module = try DoctorFixture([
            "/proc/sys/kernel/osrelease": "6.1.0\n",
            "/lib/modules/6.1.0/modules.dep": "kernel/drivers/block/\(driver.module).ko:\n",
        ])
        #expect(BlockDeviceCheck.finding(module.machine(), driver).state == .ok)
        let none = BlockDeviceCheck.finding(try DoctorFixture().machine(), driver)
        #expect(none.state == .missing)
        #expect(none.remedy?.text.contains("CONFIG_") == true)
    }

    @Test func fileSystemsAreKnownByTheirWholeName() throws {
        let fixture = try DoctorFixture(["/proc/filesystems": "nodev\tproc\n\text4\n\txfsx\n"])
        #expect(FileSystemCheck.finding(fixture.machine(), "ext4").state == .ok)
        #expect(FileSystemCheck.finding(fixture.machine(), "xfs").state == .missing)
    }
}
