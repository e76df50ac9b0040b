// SPDX-License-Identifier: GPL-3.0-or-later

/// What a cell is measured in.
public enum Lens: String, Codable, Sendable, CaseIterable {
    /// Time.
    case wall
    /// Instructions per operation, of which fewer are better.
    ///
    /// In a guest of one emulated CPU each takes a nanosecond, so that time counts them. On a
    /// machine itself a PMU counts those that its kernel executes for the workers.
    case instructions
}
