// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// How much CPU time the hypervisor gives to others while this machine wants it.
enum StealCheck {
    static let topic = Topic(.kernel, "steal")

    /// CPU time since boot, in clock ticks (proc_stat(5)).
    struct Sample: Sendable, Equatable {
        /// Used by this machine: user, nice, system, interrupts.
        let busy: Int
        let stolen: Int

        /// Reads the first line of `/proc/stat`; nil for another text.
        init?(stat: String) {
            guard let line = stat.split(separator: "\n").first, line.hasPrefix("cpu ") else {
                return nil
            }
            let fields = line.split(separator: " ").dropFirst().compactMap { Int($0) }
            guard fields.count >= 8 else { return nil }
            busy = fields[0] + fields[1] + fields[2] + fields[5] + fields[6]
            stolen = fields[7]
        }

        /// How much of the time wanted after `earlier` was stolen, in percent.
        func percent(since earlier: Sample?) -> Double {
            let lost = stolen - (earlier?.stolen ?? 0)
            let wanted = busy - (earlier?.busy ?? 0) + lost
            return wanted > 0 ? 100 * Double(lost) / Double(wanted) : 0
        }
    }

    /// Judges two samples with work between them.
    ///
    /// The limits allow one tick of half a second's 50, and what a boot may cost.
    static func finding(before: Sample?, after: Sample?) -> Finding {
        guard let before, let after else {
            return topic.missing(
                "/proc/stat is not readable",
                consequence: "slices that the host slows down are not recognised",
                fix: .command("mount -t proc proc /proc"))
        }
        let now = after.percent(since: before)
        let ever = after.percent(since: nil)
        let fact =
            "\(Decimal.fixed(now, 1))% of CPU time stolen just now, "
            + "\(Decimal.fixed(ever, 1))% since boot"
        guard now > 5 || ever > 2 else { return topic.ok(fact) }
        return topic.limited(
            fact,
            consequence:
                "the host gives this machine's CPU time to others: slices slow down at random",
            fix: .advice("on the host: pin this machine's vCPUs to CPUs of their own"))
    }
}
