// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// How fast a build goes, and when it will be done.
struct BuildPace: Sendable {
    /// Objects of a first build with our configuration, 6.12 and 7.2.
    static let usualObjects = 1740

    /// Objects that the build takes; nil when nobody knows.
    let total: Int?
    private let start = Clock.monotonicNanoseconds()

    init(total: Int?) { self.total = total }

    /// The time left at the pace so far; nil in the first moments.
    func remaining(after done: Int) -> Duration? {
        guard let total, done >= 20 else { return nil }
        let elapsed = Double(Clock.monotonicNanoseconds() - start) / 1e9
        return .seconds(elapsed / Double(done) * Double(max(total - done, 0)))
    }
}
