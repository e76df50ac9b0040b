// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// What a guest was told on its kernel's command line, and by which clock it keeps time.
public struct GuestFacts: Sendable {
    /// Whether perf counters shall watch the workers: `plumbline.counters` on the command line.
    public let counts: Bool
    /// The clock source at the start.
    private let clockSource: String
    private let fault: GuestFault?

    /// Waits until the kernel has settled for a clock source, for three seconds: it trusts the
    /// TSC a second after it found it (arch/x86/kernel/tsc.c).
    static func awaitClock() {
        for _ in 0..<300 where Greeting.clockSource() == "tsc-early" {
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
        let words = line.split { $0 == " " || $0 == "\n" }
        counts = words.contains("plumbline.counters")
        fault = words.first { $0.hasPrefix(Self.faultOption) }.flatMap {
            GuestFault(rawValue: String($0.dropFirst(Self.faultOption.count)))
        }
        clockSource = Greeting.clockSource()
    }

    /// After a slice: what makes it and all before it worthless. A fault that was ordered happens here.
    public func complaints() -> [String] {
        fault?.happen()
        let complaints = clockComplaints()
        complaints.forEach(GuestInit.say)
        return complaints
    }

    private static let faultOption = "plumbline.fault="

    /// What makes everything that this guest measured worthless: another clock source.
    public func clockComplaints() -> [String] {
        let now = Greeting.clockSource()
        return now == clockSource
            ? [] : ["the clock source changed from \(clockSource) to \(now)"]
    }
}
