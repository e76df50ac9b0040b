// SPDX-License-Identifier: GPL-3.0-or-later

import Linux

/// A wait that did not end: a hang.
public struct Hang: Error, CustomStringConvertible {
    /// What did not happen, and how long it was waited for.
    public let description: String
}

/// Waits until a condition holds, however slow or busy the machine is.
///
/// - Parameter what: the condition in words.
/// - Throws: `Hang` after five minutes, and what the condition throws.
public func eventually(
    _ what: @autoclosure () -> String, _ condition: () throws -> Bool
) throws {
    let limit: UInt64 = 300_000_000_000
    let end = Clock.monotonicNanoseconds() + limit
    while try !condition() {
        guard Clock.monotonicNanoseconds() < end else {
            throw Hang(description: "not within \(limit / 1_000_000_000) s: \(what())")
        }
        try Clock.sleep(nanoseconds: 5_000_000)
    }
}
