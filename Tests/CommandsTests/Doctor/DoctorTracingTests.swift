// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage
import Testing

@testable import Commands
@testable import Doctor

@Suite struct DoctorTracingTests {
    private let directory = "/sys/kernel/tracing"
    private let mounted = [
        "/proc/self/mountinfo":
            "40 22 0:11 / /sys/kernel/tracing rw,nosuid - tracefs tracefs rw\n"
    ]
    private let events = [
        "kmem/mm_page_alloc/", "kmem/kmalloc/", "vmscan/mm_vmscan_direct_reclaim_begin/",
        "lock/contention_begin/", "iomap/",
    ]

    private func tracing(_ events: [String], functions: Bool = true) throws -> DoctorFixture {
        let fixture = try DoctorFixture(mounted)
        for event in events { try fixture.add("\(directory)/events/\(event)", "") }
        if functions { try fixture.add("\(directory)/set_ftrace_filter", "") }
        return fixture
    }

    @Test func everyTracepointThereIsOK() throws {
        let machine = try tracing(events)
        #expect(TracingCheck.finding(machine.machine()).state == .ok)
        #expect(TracingCheck.pointsFinding(machine.machine()).state == .ok)
        #expect(TracingCheck.functionsFinding(machine.machine()).state == .ok)
    }

    @Test func anAbsentTracepointIsNamedWithWhatItCounts() throws {
        let fixture = try tracing(events.filter { $0 != "lock/contention_begin/" })
        let found = TracingCheck.pointsFinding(fixture.machine())
        #expect(found.state == .limited)
        #expect(found.fact == "without lock/contention_begin")
        #expect(found.consequence == "not counted: waits for locks")
    }

    @Test func aKernelWithoutTheFunctionTracerIsMissingIt() throws {
        let fixture = try tracing(events, functions: false)
        let found = TracingCheck.functionsFinding(fixture.machine())
        #expect(found.state == .missing)
        #expect(found.remedy?.text.contains("CONFIG_FUNCTION_TRACER") == true)
    }

    @Test func tracefsThatIsNotMountedIsMissingAndAllElseUnknown() throws {
        let fixture = try DoctorFixture(["\(directory)/": "", "/proc/self/mountinfo": ""])
        let mount = Remedy.command("sudo mount -t tracefs tracefs \(directory)")
        let machine = fixture.machine(root: false)
        #expect(TracingCheck.finding(machine).remedy == mount)
        #expect(TracingCheck.pointsFinding(machine).remedy == mount)
        #expect(TracingCheck.functionsFinding(machine).remedy == mount)
        #expect(TracingCheck.functionsFinding(machine).fact == "unknown without tracefs")
        try fixture.add("/proc/sys/kernel/ftrace_enabled", "1\n")
        #expect(TracingCheck.functionsFinding(machine).state == .limited)
    }

    @Test func tracefsThatCannotBeReadIsLimited() throws {
        let found = TracingCheck.finding(try DoctorFixture(mounted).machine(root: false))
        #expect(found.state == .limited)
        #expect(found.remedy == .command("sudo plumbline doctor"))
    }

    @Test func aKernelWithoutTracefsIsMissingIt() throws {
        let found = TracingCheck.finding(try DoctorFixture().machine())
        #expect(found.fact == "not in this kernel")
        #expect(TracingCheck.functionsFinding(try DoctorFixture().machine()).state == .missing)
    }

    private func counter(_ attempt: Result<UInt64, Errno>) throws -> Finding {
        let fixture = try DoctorFixture([
            "/proc/sys/kernel/perf_event_paranoid": "3\n",
            "/proc/cpuinfo": "flags\t: hypervisor\n",
        ])
        return CounterCheck.finding(fixture.machine(), attempt)
    }

    @Test func aCounterThatCountsIsOKAndOneThatDoesNotIsMissing() throws {
        #expect(try counter(.success(1234)).state == .ok)
        #expect(try counter(.success(0)).state == .missing)
    }

    @Test(arguments: [Errno.permissionDenied, .notPermitted])
    func aRefusedCounterNamesTheSysctl(_ error: Errno) throws {
        let found = try counter(.failure(error))
        #expect(found.state == .limited)
        #expect(found.fact == "refused: kernel.perf_event_paranoid is 3")
        #expect(found.remedy == .command("sysctl -w kernel.perf_event_paranoid=1"))
    }

    @Test func withoutAPMUTheHostHasToGiveOne() throws {
        let found = try counter(.failure(.noSuchFileOrDirectory))
        #expect(found.state == .missing)
        #expect(found.remedy?.text.contains("pmu=on") == true)
        #expect(try counter(.failure(.noFunction)).fact.contains("ENOSYS"))
    }

    @Test func directReclaimByThreadNeedsTaskstatsTheSysctlAndRoot() throws {
        let path = "/proc/sys/kernel/task_delayacct"
        let machine = try DoctorFixture([path: "0\n"]).machine()
        #expect(ReclaimCheck.finding(machine, .success(())).state == .ok)
        let older = try DoctorFixture().machine()
        #expect(ReclaimCheck.finding(older, .success(())).state == .missing)
        let refused = ReclaimCheck.finding(machine, .failure(.notPermitted))
        #expect(refused.state == .limited)
        #expect(refused.remedy == .command("sudo plumbline doctor"))
        let absent = ReclaimCheck.finding(machine, .failure(.noSuchFileOrDirectory))
        #expect(absent.state == .missing)
        #expect(absent.remedy?.text.contains("CONFIG_TASKSTATS") == true)
    }
}
