// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage
import Workloads

extension Validity {
    /// All reasons for which a slice does not count; none depends on the rate.
    init(
        counts: SliceCounts, pressure: PressureRecord, evidence: EvidenceRecord,
        verification: VerificationRecord?
    ) {
        var reasons: [Validity.Reason: String] = [:]
        if pressure.proven == false {
            reasons[.unpressured] =
                "the kernel reclaimed less than \(pressure.threshold ?? 0) pages a second"
        }
        if let kills = evidence.oomKills, kills > 0 {
            reasons[.oomKill] =
                "the OOM killer killed \(kills == 1 ? "a process" : "\(kills) processes")"
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
        if counts.longestPause > Self.longestPause {
            let seconds = Decimal.fixed(Double(counts.longestPause) / 1e9, 1)
            reasons[.paused] =
                "the agent did not run for \(seconds) s: its machine was stopped or overloaded"
        }
        if counts.wasStopped {
            reasons[.paused] = "a worker was stopped by a signal, such as SIGSTOP"
        }
        if counts.killedBy == nil, let result = counts.result {
            reasons.merge(result.reasons) { first, _ in first }
        }
        // What was killed or stopped, and a program that failed, has its own words.
        if counts.operations == 0, counts.killedBy == nil, reasons[.paused] == nil,
            counts.result?.reasons.isEmpty != false
        {
            reasons[.empty] = "no operation completed"
        }
        self.init(reasons)
    }

    /// The longest time for which the agent may not run within a slice, nanoseconds. It looks at the
    /// workers every 50 ms; a busy machine makes that some 100 ms.
    private static let longestPause: UInt64 = 500_000_000

    /// A system call that does nothing takes more instructions in the kernel.
    private static let leastInstructions = 30.0

    /// Why the kernel's instructions are not known; `nil` when they are.
    static func uncounted(_ count: Count?, operations: UInt64) -> String? {
        guard let count else {
            return "no counter of the kernel's instructions opened in some worker"
        }
        // In a virtual machine a counter may stop unnoticed while another program uses the PMU.
        if Double(count.value) < leastInstructions * Double(operations) {
            return
                "\(count.value) instructions for \(operations) operations are fewer than a system "
                + "call takes: another program uses the PMU"
        }
        guard !count.isWhole else { return nil }
        let share = 100 * Double(count.counted) / Double(count.wanted)
        return "instructions were counted in \(Decimal.fixed(share, 1))% of the time: "
            + "another program uses the PMU, such as perf or a watchdog"
    }
}
