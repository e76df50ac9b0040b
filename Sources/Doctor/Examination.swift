// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Journal
import Linux
import Machine

/// Looks at everything that a measurement on this machine depends on.
package enum Examination {
    /// Every finding, in the order of the report; takes about a second.
    ///
    /// It removes what it creates: a cgroup, a ring, a file without a name, a guest.
    ///
    /// - Parameters:
    ///   - environment: says where the calibration is kept.
    ///   - claims: the set-ups of published claims.
    package static func findings(
        _ machine: ExaminedMachine = .live, directory: String = ".",
        environment: [String: String] = [:], claims: [ClaimSetUp] = []
    ) -> [Finding] {
        kernel(machine) + cpus(machine) + memory(machine) + io(machine) + tracing(machine)
            + [GuestCheck.finding(machine, TinyGuest.run())]
            + published(claims, machine) + tools(machine) + here(directory)
            + runs(machine, environment)
    }

    private static func kernel(_ machine: ExaminedMachine) -> [Finding] {
        let identity = try? KernelIdentity.current()
        let before = stealSample(machine)
        let end = Clock.monotonicNanoseconds() + 500_000_000
        // Only a machine that wants CPU time can be denied it.
        while Clock.monotonicNanoseconds() < end { Clock.spinHint() }
        return [
            KernelCheck.finding(
                machine, release: identity?.release ?? "unknown",
                version: identity?.version ?? "unknown", buildID: identity?.buildID),
            HypervisorCheck.finding(machine),
            StealCheck.finding(before: before, after: stealSample(machine)),
        ]
    }

    private static func stealSample(_ machine: ExaminedMachine) -> StealCheck.Sample? {
        machine.tree.read("/proc/stat").flatMap(StealCheck.Sample.init(stat:))
    }

    private static func cpus(_ machine: ExaminedMachine) -> [Finding] {
        let clock = FastClock.calibrated()
        let timer = ClockCheck.Timer(
            source: clock.source, readCost: clock.readCostNanoseconds,
            timingCost: clock.measureTimingCost())
        return [
            CPUCheck.finding(machine, allowed: (try? CPUSet.allowed()) ?? CPUSet()),
            CPUCheck.threadsFinding(machine),
            ClockCheck.finding(machine, timer: timer),
            GovernorCheck.finding(machine),
            NUMACheck.finding(machine, isAvailable: NUMANode.isAvailable),
        ]
    }

    private static func memory(_ machine: ExaminedMachine) -> [Finding] {
        [
            MemoryCheck.finding(machine),
            CgroupCheck.finding(machine, refusal: CgroupCheck.tryOut()),
            MemoryCheck.stallFinding(machine),
            MemoryCheck.swapFinding(machine),
            LimitCheck.lockedFinding(machine, limits(.lockedMemory)),
        ]
    }

    private static func io(_ machine: ExaminedMachine) -> [Finding] {
        [
            RingCheck.finding(machine, RingCheck.tryOut()),
            PipeCheck.sizeFinding(machine),
            PipeCheck.pagesFinding(machine, pageSize: MappedMemory.pageSize),
            LimitCheck.filesFinding(machine, limits(.openFiles)),
        ] + BlockDeviceCheck.drivers.map { BlockDeviceCheck.finding(machine, $0) }
            + FileSystemCheck.names.map { FileSystemCheck.finding(machine, $0) }
    }

    private static func limits(_ limit: ResourceLimit) -> LimitCheck.Limits {
        (try? limit.current()) ?? (nil, nil)
    }

    private static func tracing(_ machine: ExaminedMachine) -> [Finding] {
        [
            TracingCheck.finding(machine),
            TracingCheck.pointsFinding(machine),
            TracingCheck.functionsFinding(machine),
            ReclaimCheck.finding(machine, ReclaimCheck.tryOut()),
            CounterCheck.finding(machine, CounterCheck.tryOut()),
        ]
    }

    private static func published(
        _ claims: [ClaimSetUp], _ machine: ExaminedMachine
    ) -> [Finding] {
        claims.map { ClaimCheck.finding(machine, $0) }
    }

    private static func tools(_ machine: ExaminedMachine) -> [Finding] {
        let path = getenv("PATH").map { String(cString: $0) }
        let directories = ToolCheck.directories(path: path)
        return ToolCheck.tools.map { ToolCheck.finding(machine, $0, directories: directories) }
    }

    private static func here(_ directory: String) -> [Finding] {
        let facts = DirectoryCheck.fileSystem(directory)
        let name = facts?.name ?? "an unknown file system"
        return [
            DirectoryCheck.spaceFinding(
                free: facts?.freeBytes ?? 0, total: facts?.totalBytes ?? 0, name: name),
            DirectoryCheck.directFinding(
                DirectoryCheck.tryOut(directory), name: name,
                isInMemory: facts?.isInMemory ?? false),
        ]
    }

    private static func runs(
        _ machine: ExaminedMachine, _ environment: [String: String]
    ) -> [Finding] {
        let directory = StateDirectory.path
        let abandoned = LeftoversCheck.abandoned(machine, in: directory)
        return [
            LeftoversCheck.finding(
                abandoned: abandoned, in: directory, isRoot: ChildProcess.userID == 0),
            CalibrationCheck.finding(
                CalibrationCheck.identity(of: machine)
                    .flatMap(CalibrationStore(environment: environment).load)),
        ]
    }
}
