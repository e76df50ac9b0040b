// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// What is done to the system, told as it happens: `--verbose`.
///
/// A controller prints it, and an agent sends it to its controller. The undo log tells of what it
/// records; what leaves nothing to undo is told where it is done.
package enum VerboseLog {
    private static let sink = Mutex<(@Sendable (String) -> Void)?>(nil)

    /// Has each line go to a function from now on; nil for nowhere, as at the start.
    package static func send(to function: (@Sendable (String) -> Void)?) {
        sink.withLock { $0 = function }
    }

    /// Whether somebody reads it.
    package static var isOn: Bool { sink.withLock { $0 } != nil }

    /// Tells one thing, in the words of `PlannedChange`.
    package static func say(_ action: @autoclosure () -> String) {
        if let sink = sink.withLock({ $0 }) { sink(action()) }
    }
}
