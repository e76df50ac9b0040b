// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Pressure
import Protocol
import SystemPackage
import Workloads

extension SliceRecord {
    /// Pages a second that direct reclaim scans at least under pressure, when the order does not say.
    private static let defaultThreshold = 100.0

    /// The record of a slice that ran, with what was measured around it and whether it counts.
    init(order: SliceOrder, counts: SliceCounts, watch: SliceWatch, staffing: Staffing) {
        let pressure = Self.pressure(order: order, watch: watch)
        var evidence = Self.evidence(watch: watch)
        evidence.workers = Self.usage(counts)
        evidence.workers["reclaim_stalls"] = watch.stalls?.count
        evidence.workers["reclaim_stall_us"] = watch.stalls?.microseconds
        evidence.perf = Self.perf(counts)
        evidence.heapGrowth = counts.heapGrowth
        let verification = Self.verification(order: order, counts: counts)
        self.init(
            cell: order.cell.name, visit: order.visit, startedAt: watch.startedAt,
            operations: counts.operations, bytes: counts.bytes, interval: counts.interval,
            tracks: Dictionary(
                uniqueKeysWithValues: counts.tracks.map {
                    ($0.name, TrackRecord($0, closedLoop: !staffing.openLoop))
                }),
            verification: verification, pressure: pressure, evidence: evidence,
            validity: Self.judge(counts, pressure, evidence, verification))
        if order.countsInstructions == true,
            let why = Self.uncounted(
                counts.counted[.kernelInstructions], operations: counts.operations)
        {
            validity.reasons[Validity.Reason.uncounted.rawValue] = why
        }
    }

    /// A system call that does nothing takes more of them in the kernel.
    private static let leastInstructions = 30.0

    /// Why the kernel's instructions are not known; `nil` where they are.
    static func uncounted(_ count: Count?, operations: UInt64) -> String? {
        guard let count else {
            return "no counter of the kernel's instructions opened in some worker"
        }
        // A virtual machine's counter may stand still unseen while others use the PMU.
        if Double(count.value) < leastInstructions * Double(operations) {
            return
                "\(count.value) instructions for \(operations) operations are fewer than a system "
                + "call takes: something else uses the PMU"
        }
        guard !count.isWhole else { return nil }
        let share = 100 * Double(count.counted) / Double(count.wanted)
        return "instructions were counted in \(Decimal.fixed(share, 1))% of the time: "
            + "something else uses the PMU, such as perf or a watchdog"
    }

    private static func perf(_ counts: SliceCounts) -> [String: Int64]? {
        guard !counts.counted.isEmpty else { return nil }
        return Dictionary(
            uniqueKeysWithValues: counts.counted.map { kind, count in
                (names[kind] ?? kind.rawValue, Int64(clamping: count.scaled))
            })
    }

    private static let names: [Counter.Kind: String] = [
        .kernelInstructions: "kernel_instructions", .contextSwitches: "context_switches",
        .pageFaults: "page_faults", .cpuMigrations: "cpu_migrations",
    ]

    private static func pressure(order: SliceOrder, watch: SliceWatch) -> PressureRecord {
        guard let before = watch.pressureBefore, let after = watch.pressureAfter else {
            return PressureRecord(
                kind: order.cell.pressure, proven: nil, threshold: nil, proof: [:])
        }
        return watch.running.proof(
            from: before, to: after, seconds: watch.seconds,
            threshold: order.pressureThreshold ?? defaultThreshold)
    }

    private static func evidence(watch: SliceWatch) -> EvidenceRecord {
        guard let before = watch.before, let after = watch.after else { return EvidenceRecord() }
        return EvidenceRecord(from: before, to: after)
    }

    private static func usage(_ counts: SliceCounts) -> [String: Int64] {
        [
            "user_ns": Int64(counts.usage.userNanoseconds),
            "system_ns": Int64(counts.usage.systemNanoseconds),
            "minor_faults": Int64(counts.usage.minorFaults),
            "major_faults": Int64(counts.usage.majorFaults),
            "voluntary_switches": Int64(counts.usage.voluntarySwitches),
            "involuntary_switches": Int64(counts.usage.involuntarySwitches),
        ]
    }

    private static func verification(
        order: SliceOrder, counts: SliceCounts
    ) -> VerificationRecord? {
        // By hand it comes as the user wrote it: 1, yes, on.
        let asked = Setting("verify", .flag, default: nil, "")
        guard let told = order.cell.settings["verify"],
            (try? asked.parse(told, in: order.cell.workload)) == .flag(true)
        else { return nil }
        let found = counts.verification
        var record = VerificationRecord(
            provenBytes: found.proven, unprovenBytes: found.unproven,
            corruptions: found.corruptions)
        if found.corruptions > 0 {
            record.firstCorruption = "at byte \(found.firstCorruptionOffset)"
        }
        if order.cell.workload == PipeWorkload.name, let lost = counts.conservationError {
            record.corruptions += 1
            record.firstCorruption = record.firstCorruption ?? lost
        }
        return record
    }

    /// Every reason for which a slice does not count, arm-blind: none looks at the rate.
    private static func judge(
        _ counts: SliceCounts, _ pressure: PressureRecord, _ evidence: EvidenceRecord,
        _ verification: VerificationRecord?
    ) -> Validity {
        var reasons: [Validity.Reason: String] = [:]
        if pressure.proven == false {
            reasons[.unpressured] =
                "the kernel reclaimed less than \(pressure.threshold ?? 0) pages a second"
        }
        if let kills = evidence.oomKills, kills > 0 {
            reasons[.oomKill] = "the OOM killer killed \(kills) processes"
        }
        if let signal = counts.killedBy {
            reasons[.workerFailed] = "a worker was killed by signal \(signal)"
        }
        for track in counts.tracks {
            if let (errno, count) = track.errors.max(by: { $0.value < $1.value }) {
                reasons[.inputOutputError] =
                    "\(count) \(track.name)s failed with \(Errno(rawValue: errno))"
            }
            if track.shortOperations > 0 {
                reasons[.shortOperation] = "\(track.shortOperations) short \(track.name)s"
            }
        }
        if let verification, verification.corruptions > 0 {
            reasons[.corruption] =
                "\(verification.corruptions) corruptions, the first "
                + (verification.firstCorruption ?? "")
        }
        if counts.operations == 0 { reasons[.empty] = "nothing completed" }
        return Validity(reasons)
    }
}

extension TrackRecord {
    /// The record of one track.
    init(_ track: SliceCounts.Track, closedLoop: Bool) {
        self.init(
            operations: track.operations, bytes: track.bytes, interval: track.interval,
            shortOperations: track.shortOperations,
            errors: Dictionary(
                uniqueKeysWithValues: track.errors.map { (ErrnoName.of($0.key), $0.value) }),
            latency: LatencyRecord(track.latency, closedLoop: closedLoop))
    }
}
