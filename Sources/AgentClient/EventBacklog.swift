// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// Counts what an agent has said and nobody has read yet, so that one that says too much waits.
///
/// Nothing is dropped: its pipe fills, and its writes block until its lines are read.
final class EventBacklog: Sendable {
    /// Events that may wait.
    static let eventLimit = 10_000
    /// Bytes of lines that may wait: two lines of the greatest length.
    static let byteLimit = 32 << 20

    private struct State {
        /// The bytes of each event that waits, oldest first.
        var sizes: ArraySlice<Int> = []
        var bytes = 0
        var isOver = false
    }

    private let state = Mutex(State())

    /// Counts an event that is passed on, with the bytes of its line.
    func add(bytes: Int) {
        state.withLock { state in
            state.sizes.append(bytes)
            state.bytes += bytes
        }
    }

    /// Counts the oldest event as read.
    func take() {
        state.withLock { state in
            if let bytes = state.sizes.popFirst() { state.bytes -= bytes }
        }
    }

    /// Nobody reads any more.
    func end() { state.withLock { $0.isOver = true } }

    /// Whether too much waits.
    var isFull: Bool {
        state.withLock { state in
            !state.isOver
                && (state.sizes.count >= Self.eventLimit || state.bytes >= Self.byteLimit)
        }
    }

    /// Waits until there is room.
    func awaitRoom() async {
        while isFull {
            do { try await Task.sleep(for: .milliseconds(5)) } catch { return }
        }
    }
}
