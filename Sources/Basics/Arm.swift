// SPDX-License-Identifier: GPL-3.0-or-later

/// One of the two things compared; `A` or `B` in journals, in reports and in words.
public enum Arm: String, Codable, CodingKeyRepresentable, CustomStringConvertible, Sendable,
    CaseIterable
{
    /// The baseline.
    case a = "A"
    /// The candidate.
    case b = "B"

    /// The other one.
    public var other: Arm { self == .a ? .b : .a }

    /// `A` or `B`.
    public var description: String { rawValue }
}
