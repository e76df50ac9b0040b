// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

@testable import Journal
@testable import Protocol

/// Records with every field set, and the least that a record can have.
enum Samples {
    static let hello: Hello = {
        var hello = Hello(
            toolVersion: "0.1.0", kernelRelease: "6.1.0-18-amd64", kernelVersion: "#1 SMP",
            machine: "x86_64", buildID: "0123abcd", cpus: 2, cpuModel: "A \"quoted\" CPU / model",
            memory: 24 << 30, pageSize: 4096, cgroupVersion: 2, clockSource: "tsc", timer: "tsc",
            timerCost: 9.5, timingCost: 21.25, capabilities: ["root", "memcg"])
        hello.bootID = "9d1c0f8e-0000-4000-8000-000000000001"
        return hello
    }()

    static let cell = CellPlan(
        name: "pipe/1w1r/64KiB/none", workload: "pipe",
        settings: ["msgsize": 65536, "blocking": true, "rate": 1.5, "timing": "op"],
        pressure: "memcg", pressureSettings: ["limit": .integer(64 << 20)])

    static let latency = LatencyRecord(
        count: 10, mean: 1234.5, min: 900, p50: 1200, p90: 1500, p99: 2000, p99_9: 2100, max: 2111,
        closedLoop: true, histogram: "/iCU")

    static let visit = VisitRecord(
        cell: cell.name, visit: 3, setUpTime: 12_000_000,
        evidence: EvidenceRecord(vmstat: ["pgfault": 7]))

    static func slice(_ cell: String = cell.name, number: Int = 0) -> SliceRecord {
        SliceRecord(
            cell: cell, number: number, startedAt: 1_763_683_200_000_000_000, operations: 100,
            bytes: 6_553_600, interval: 500_000_123,
            tracks: [
                "write": TrackRecord(
                    operations: 100, bytes: 6_553_600, interval: 500_000_123, latency: latency),
                "read": TrackRecord(
                    operations: 99, bytes: 6_488_064, interval: 499_000_000, shortOperations: 1,
                    errors: ["EIO": 2]),
            ],
            pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
            evidence: EvidenceRecord(vmstat: ["pgfault": 12]), validity: Validity())
    }

    static let fullSlice: SliceRecord = {
        var slice = Samples.slice()
        slice.arm = .b
        slice.block = 3
        slice.position = 2
        slice.warmup = true
        slice.verification = VerificationRecord(
            provenBytes: 5, unprovenBytes: 1, corruptions: 1, firstCorruption: "at 4096")
        slice.pressure = PressureRecord(
            kind: "memcg", proven: false, threshold: 100, proof: ["pgscan_direct": 3])
        slice.evidence = EvidenceRecord(
            vmstat: ["pgscan_direct": 3, "nr_dirty": -4], memcg: ["max": 1],
            psi: ["memory_some": 17], cpu: ["steal": 1], workers: ["user_ns": 5],
            slab: ["kmalloc-96": 12], frequency: ["0": 2_400_000],
            perf: ["kernel_instructions": 9], heapGrowth: 0)
        slice.validity = Validity([.unpressured: "3 pages", .corruption: "at 4096"])
        return slice
    }()

    static func header(cells: [String] = [cell.name]) -> JournalHeader {
        let plans = cells.map { name in
            var plan = cell
            plan.name = name
            return plan
        }
        return JournalHeader(
            id: "20261121T000000Z-1", startedAt: 1_763_683_200_000_000_000, host: hello,
            plan: Plan(
                .run,
                SuiteRecord(
                    name: "smoke", summary: "seconds", slice: 500_000_000, guardTime: 125_000_000,
                    warmup: 1_000_000_000, slices: 3, pressureThreshold: 100, cells: plans),
                seed: .max, arguments: ["--slices", "3"], metric: .instructions,
                guest: GuestRecord(
                    image: "/boot/bzImage", accelerator: "tcg", metric: .time, machine: "microvm",
                    cpus: 2, memory: 1 << 30, nodes: 1, pins: [2, 3], commandLine: "console=ttyS0",
                    host: .init(cpuModel: "Example", cpus: 4, memory: 8 << 30)),
                comparison: comparison))
    }

    static var comparison: ComparisonRecord {
        var comparison = ComparisonRecord(
            arms: .init(a: .init(label: "vm.swappiness=60"), b: .init(label: "vm.swappiness=10")),
            knobs: [.init(kind: .file, target: "/proc/sys/vm/swappiness", a: "60", b: "10")],
            rule: .untilDecided, blocks: 24, mostBlocks: 240)
        comparison.machines = ["box1", "box2:2222"]
        comparison.claims = [
            cell.name: [
                ClaimRecord([.init(low: 21, high: 21)], on: ClaimSetUp(name: "known of nothing")),
                ClaimRecord(
                    [.init(low: 21, high: 48), .init(.writeLatency, low: -33, high: -17)],
                    on: setUp),
            ]
        ]
        return comparison
    }

    private static var setUp: ClaimSetUp {
        var setUp = ClaimSetUp(name: "hogs")
        setUp.architecture = "aarch64"
        setUp.cpus = 16
        setUp.platform = .virtual
        setUp.kernels = ["6.12", "7.2"]
        setUp.pressure = "anon"
        setUp.pressureSettings = ["vm_bytes": "110"]
        setUp.pressureText = "anonymous memory"
        setUp.program = "stress-ng"
        setUp.completion = "interrupt"
        setUp.settings = ["iodepth": 128]
        setUp.tool = "t/io_uring"
        return setUp
    }

    private static var round: RoundRecord {
        var boot = BootRecord(
            bootID: "00000000-0000-4000-8000-000000000000", version: "Linux version 6.1.0",
            commandLine: "quiet", took: 9)
        boot.host = "box1"
        return RoundRecord(
            round: 0, first: .b, hosts: [.a: hello], boots: [.a: boot], layouts: [.a: 2], at: 3)
    }

    /// A slice in which this was counted.
    private static func traced(_ counts: [MechanismCount]) -> SliceRecord {
        var slice = slice()
        slice.mechanism = MechanismRecord(counts: counts, waits: [7], events: 9)
        return slice
    }

    /// With everything that a line may have.
    private static var mechanism: CellMechanism {
        let slice = traced([
            .init(.pages, of: "pipe_write", 14, per: 1000), .init(.waits, 3.5, per: 1000),
        ])
        var mechanism = CellMechanism(cell: cell.name, arm: .b, [slice])
        mechanism.smallSlices = 1
        mechanism.voids = ["unpressured": 1]
        mechanism.time = 5
        return mechanism
    }

    static let events: [JournalEvent] = [
        .slice(slice()), .slice(fullSlice),
        .cellFailed(.init(cell: cell.name, number: 1, error: .usage("no", remedy: "yes"))),
        .cellFailed(.init(cell: cell.name, arm: .b, number: 1, error: .failure("no"))),
        .warmupExtended(.init(cell: cell.name, firstBlock: 3)), .round(round),
        .mechanism(mechanism),
        .resumed(.init(at: 1, host: hello)), .end(.init(state: .interrupted, at: 2)),
    ]

    /// A path in /tmp that no other test uses.
    static func path(_ name: String) -> String {
        "/tmp/plumbline-journal-\(name)-\(ChildProcess.currentID)-\(UInt32.random(in: 0 ... .max))"
    }

    /// Puts these bytes into a file.
    static func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
        let file = try Descriptor.open(path, [.write, .create, .truncate])
        try file.writeAll(Array(bytes))
    }
}
