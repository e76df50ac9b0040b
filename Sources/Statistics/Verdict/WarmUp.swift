// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc

/// Whether an experiment's first part still runs at another level than the rest.
///
/// Arm-blind: it sees the level of each block, both arms together, and never their difference. The
/// first 20 % against the rest by Welch's t; |t| > 3 says to extend the warm-up.
public struct WarmUp: Sendable, Equatable {
    /// ln level of the first part less that of the rest, in standard errors.
    public let t: Double
    /// |t| > 3.
    public var isUnfinished: Bool { abs(t) > 3 }

    /// Looks at `BlockEffect.level` of at least ten blocks in the order in which they ran.
    ///
    /// - Throws: `tooFewValues`; `notPositive` for a level that is not above zero.
    public init(levels: [Double]) throws(StatisticsError) {
        guard levels.count >= 10 else { throw .tooFewValues(needed: 10, given: levels.count) }
        for level in levels { try Check.positive(level, "level") }
        let logs = levels.map { log($0) }
        let first = levels.count / 5
        t = try StudentT.welch(from: Array(logs[first...]), to: Array(logs[..<first])).t
    }
}
