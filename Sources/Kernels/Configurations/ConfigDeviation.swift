// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a guest's configuration differs from the distribution's, and why.
public struct ConfigDeviation: Codable, Sendable, Hashable {
    /// The option, without `CONFIG_`.
    public let option: String
    /// What the distribution sets: `y`, `n`, a number, or a text in quotes.
    public let distribution: String
    /// What the guest has.
    public let guest: String
    /// Why.
    public let reason: String
}
