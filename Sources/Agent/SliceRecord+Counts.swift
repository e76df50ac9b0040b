// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Pressure
import Protocol
import SystemPackage
import Workloads

extension SliceRecord {
    /// The least pages a second that direct reclaim scans under pressure, when the order has none.
    private static let defaultThreshold = 100.0

    /// The record of a slice that ran, with its evidence and its validity.
    init(
        order: SliceOrder, counts: SliceCounts, watch: SliceWatch,
        workload: any WorkloadDescription, countsInstructions: Bool
    ) {
        let changes = watch.changes
        let pressure = watch.running.proof(
            over: changes, seconds: watch.seconds,
            threshold: order.pressureThreshold ?? Self.defaultThreshold)
        var evidence = EvidenceRecord(changes)
        evidence.workers = Self.usage(counts)
        evidence.workers["reclaim_stalls"] = watch.stalls?.count
        evidence.workers["reclaim_stall_us"] = watch.stalls?.microseconds
        evidence.workers["request_reclaims"] = watch.stalls?.requests
        evidence.perf = Self.perf(counts)
        evidence.device = watch.inFlight?.counters
        evidence.heapGrowth = counts.heapGrowth
        let verification = Self.verification(workload, counts)
        self.init(
            cell: order.cell, number: order.number, visit: order.visit, startedAt: watch.startedAt,
            operations: counts.operations, bytes: counts.bytes, interval: counts.interval,
            tracks: Dictionary(
                uniqueKeysWithValues: counts.tracks.map {
                    ($0.name, TrackRecord($0, closedLoop: !workload.layout.openLoop))
                }),
            verification: verification, pressure: pressure, evidence: evidence,
            validity: Validity(
                counts: counts, pressure: pressure, evidence: evidence,
                verification: verification))
        value = counts.result?.value
        if let others = counts.result?.told, !others.isEmpty { told = others }
        if countsInstructions,
            let why = Validity.uncounted(
                counts.counted[.kernelInstructions], operations: counts.operations)
        {
            validity.reasons[Validity.Reason.uncounted.rawValue] = why
        }
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
        _ workload: any WorkloadDescription, _ counts: SliceCounts
    ) -> VerificationRecord? {
        guard workload.verifies else { return nil }
        let found = counts.verification
        var record = VerificationRecord(
            provenBytes: found.proven, unprovenBytes: found.unproven,
            corruptions: found.corruptions)
        if found.corruptions > 0 {
            record.firstCorruption = "at byte \(found.firstCorruptionOffset)"
        }
        if workload.readsAllItWrites, let lost = counts.conservationError {
            record.corruptions += 1
            record.firstCorruption = record.firstCorruption ?? lost
        }
        return record
    }
}

extension TrackRecord {
    /// The record of one track.
    init(_ track: SliceCounts.Track, closedLoop: Bool) {
        self.init(
            operations: track.operations, bytes: track.bytes, interval: track.interval,
            shortOperations: track.shortOperations,
            errors: Dictionary(
                uniqueKeysWithValues: track.errors.map { errno, count in
                    (Self.errnoNames[errno] ?? "errno-\(errno)", count)
                }),
            latency: LatencyRecord(track.latency, closedLoop: closedLoop))
    }

    /// The names of I/O errors (errno(3)).
    private static let errnoNames: [Int32: String] = [
        1: "EPERM", 2: "ENOENT", 4: "EINTR", 5: "EIO", 6: "ENXIO", 9: "EBADF", 11: "EAGAIN",
        12: "ENOMEM", 13: "EACCES", 14: "EFAULT", 16: "EBUSY", 19: "ENODEV", 22: "EINVAL",
        27: "EFBIG", 28: "ENOSPC", 30: "EROFS", 32: "EPIPE", 61: "ENODATA", 84: "EILSEQ",
        95: "EOPNOTSUPP", 105: "ENOBUFS", 110: "ETIMEDOUT", 121: "EREMOTEIO", 125: "ECANCELED",
        52: "EBADE", 62: "ETIME", 74: "EBADMSG", 117: "EUCLEAN",
    ]
}
