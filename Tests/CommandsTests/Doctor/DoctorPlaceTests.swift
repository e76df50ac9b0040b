// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import SystemPackage
import Testing

@testable import Commands
@testable import Doctor
@testable import Machine
@testable import Verdicts

@Suite struct DoctorPlaceTests {
    @Test func aTinyGuestThatRanProvesLittle() throws {
        let fixture = try DoctorFixture(["/sys/module/kvm_pvm/": ""])
        let found = GuestCheck.finding(fixture.machine(), .ran)
        #expect(found.state == .limited)
        #expect(found.fact == "answers (kvm_pvm): a guest of three instructions ran")
    }

    @Test func aTinyGuestThatDidNotRunNamesTheStep() throws {
        let machine = try DoctorFixture().machine()
        let found = GuestCheck.finding(machine, .failed(.createMachine, .noMemory))
        #expect(found.state == .missing)
        #expect(found.fact.hasPrefix("KVM_CREATE_VM fails: "))
        #expect(GuestCheck.finding(machine, .hung).state == .missing)
    }

    @Test(arguments: [
        ("vmx", "modprobe kvm_intel"), ("svm", "modprobe kvm_amd"),
        ("hypervisor", "on the host: enable nested virtualisation for this machine"),
        ("fpu", "enable virtualisation (VT-x, SVM) in the firmware"),
    ])
    func withoutTheDeviceTheCPUDecidesTheRemedy(_ flag: String, _ remedy: String) throws {
        let fixture = try DoctorFixture(["/proc/cpuinfo": "flags\t\t: fpu \(flag)\n"])
        let found = GuestCheck.finding(
            fixture.machine(), .failed(.open, .noSuchFileOrDirectory))
        #expect(found.fact == "no /dev/kvm")
        #expect(found.remedy?.text == remedy)
    }

    @Test func aDeviceForOthersIsMendedByTheGroup() throws {
        let found = GuestCheck.finding(
            try DoctorFixture().machine(root: false), .failed(.open, .permissionDenied))
        #expect(found.remedy?.text.contains("usermod -aG kvm") == true)
    }

    @Test(arguments: ToolCheck.tools.map(\.name))
    func aToolIsFoundInAnyDirectoryOrNamesItsPackage(_ name: String) throws {
        let tool = try #require(ToolCheck.tools.first { $0.name == name })
        let directories = ToolCheck.directories(path: "/opt/bin::/usr/bin:bin")
        #expect(directories == ["/opt/bin", "/usr/bin", "/usr/sbin", "/bin", "/sbin"])
        let there = try DoctorFixture(["/usr/sbin/\(name)": ""])
        let found = ToolCheck.finding(there.machine(), tool, directories: directories)
        #expect(found.fact == "/usr/sbin/\(name), for \(tool.purpose)")
        let none = try DoctorFixture().machine(root: false)
        let absent = ToolCheck.finding(none, tool, directories: directories)
        #expect(absent.state == .missing)
        #expect(absent.remedy == .command("sudo apt-get install \(tool.package)"))
    }

    @Test func littleSpaceIsLimited() {
        let much = DirectoryCheck.spaceFinding(free: 9 << 30, total: 10 << 30, name: "ext4")
        #expect(much.state == .ok)
        #expect(much.fact == "9.0GiB of 10.0GiB free on ext4")
        let little = DirectoryCheck.spaceFinding(free: 1 << 20, total: 10 << 30, name: "ext4")
        #expect(little.state == .limited)
    }

    @Test func directIOIsOKWhereItsAlignmentIsKnown() {
        func found(_ outcome: DirectoryCheck.DirectOutcome) -> Finding {
            DirectoryCheck.directFinding(outcome, name: "xfs", isInMemory: false)
        }
        #expect(found(.works(alignment: 512, memory: 4, source: .statx)).state == .ok)
        #expect(found(.works(alignment: 4096, memory: 512, source: .blockDevice)).state == .ok)
        #expect(found(.works(alignment: 512, memory: 512, source: .assumed)).state == .limited)
        #expect(found(.refused(.invalidArgument)).fact == "xfs does not support direct I/O")
        #expect(found(.refused(.permissionDenied)).state == .missing)
    }

    @Test func filesInMemoryHaveNoDirectIOEvenIfTheyOpen() {
        let found = DirectoryCheck.directFinding(
            .works(alignment: 512, memory: 512, source: .assumed), name: "tmpfs",
            isInMemory: true)
        #expect(found.state == .missing)
        #expect(found.fact == "tmpfs accepts O_DIRECT but copies through memory")
    }

    @Test func undoLogsOfDeadProcessesAreLeftovers() throws {
        let fixture = try DoctorFixture([
            "/run/plumbline/undo-10-5.jsonl": "", "/run/plumbline/undo-11-5.jsonl": "",
            "/run/plumbline/undo-x-5.jsonl": "", "/run/plumbline/notes": "",
        ])
        let found = LeftoversCheck.abandoned(fixture.machine(), in: "/run/plumbline") {
            $0.id == 11
        }
        #expect(found == ["undo-10-5.jsonl"])
        #expect(LeftoversCheck.finding(abandoned: [], in: "/run", isRoot: true).state == .ok)
        let finding = LeftoversCheck.finding(abandoned: found, in: "/run", isRoot: true)
        #expect(finding.state == .limited)
        #expect(finding.remedy == .command("plumbline doctor --restore"))
    }

    @Test func theBestSliceLengthOfTheCalibrationIsShown() throws {
        let host = try #require(CalibrationCheck.identity(of: .live))
        var record = CalibrationCommandTests.record(rejections: 9)
        record.machine = host
        #expect(CalibrationCheck.finding(record).fact.hasPrefix("9 of 200 A/A comparisons"))
        record.bestSlice = 20_000_000
        record.lengths = [.init(slice: 20_000_000, guardTime: 10_000_000, median: 2.5, cells: [])]
        let found = CalibrationCheck.finding(record)
        #expect(found.state == .ok)
        #expect(found.fact.hasPrefix("slices of 20ms are best; 9 of 200"))
        record.placebos.cells[0].outcomes["regressed"] = 17
        #expect(CalibrationCheck.finding(record).state == .limited)
        let none = CalibrationCheck.finding(nil)
        #expect(none.state == .limited)
        #expect(none.remedy == .command("plumbline doctor --calibrate"))
    }
}
