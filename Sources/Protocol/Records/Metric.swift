// SPDX-License-Identifier: GPL-3.0-or-later

/// What the cells of an experiment are measured in.
public enum Metric: String, Codable, Sendable, CaseIterable {
    /// Operations a second.
    case time
    /// Instructions per operation, of which fewer are better, in a guest of one emulated CPU whose
    /// clock counts them: each instruction takes a nanosecond.
    case instructions
    /// The kernel's instructions per operation, of which fewer are better, as the machine's PMU
    /// counts them for the workers.
    case pmu
}
