// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol

/// The options on a guest's kernel command line, and the clock source at the start.
public struct GuestFacts: Sendable {
    /// Whether perf counters watch the workers: `plumbline.counters` on the command line.
    public let counts: Bool
    private let clockSource: String
    private let fault: GuestFault?

    /// Whether the workers' direct reclaim is counted: not with `plumbline.reclaim_trace=0` on the
    /// command line, which is for measuring what that costs.
    static var tracesReclaim: Bool {
        let line = try? SystemFile.read("/proc/cmdline")
        return line?.words.contains("plumbline.reclaim_trace=0") != true
    }

    /// Waits for at most three seconds until the kernel has chosen a clock source: it trusts the
    /// TSC a second after it found it (arch/x86/kernel/tsc.c).
    static func awaitClock() {
        for _ in 0..<300 where Hello.clockSource() == "tsc-early" {
            try? Clock.sleep(nanoseconds: 10_000_000)
        }
    }

    /// Reads both.
    ///
    /// - Throws: `failure` without `/proc`.
    init() throws(PlumblineError) {
        guard let line = try? SystemFile.read("/proc/cmdline") else {
            throw .failure("cannot read /proc/cmdline: this kernel needs CONFIG_PROC_FS")
        }
        let words = line.words
        counts = words.contains("plumbline.counters")
        let option = "plumbline.fault="
        fault = words.first { $0.hasPrefix(option) }.flatMap {
            GuestFault(rawValue: String($0.dropFirst(option.count)))
        }
        clockSource = Hello.clockSource()
    }

    /// After a slice: causes the fault that the command line asks for, and returns why nothing
    /// that was measured here counts.
    public func unfitReason() -> String? {
        fault?.happen()
        let reason = clockChange()
        if let reason { GuestInit.say(reason) }
        return reason
    }

    /// The change of the clock source, which makes all that this guest measured unfit.
    func clockChange() -> String? {
        let now = Hello.clockSource()
        return now == clockSource
            ? nil : "the clock source changed from \(clockSource) to \(now)"
    }
}
