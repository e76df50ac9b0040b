// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// A line on standard error: redrawn on a terminal, printed now and then elsewhere.
final class StatusLine: Sendable {
    private struct State {
        var isShown = false
        var lastPlain: ContinuousClock.Instant?
    }

    private static let width = 79
    private let console: Console
    private let plainEvery: Duration
    private let state = Mutex(State())

    /// - Parameter plainEvery: how often the line is printed where it cannot be redrawn.
    init(_ console: Console, plainEvery: Duration) {
        self.console = console
        self.plainEvery = plainEvery
    }

    /// Redraws the line.
    func update(_ text: String) {
        if console.diagnosticsAreTerminal {
            state.withLock { $0.isShown = true }
            console.diagnostics("\r\u{1b}[K\(text.prefix(Self.width))")
            return
        }
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            if let last = state.lastPlain, now - last < plainEvery { return false }
            state.lastPlain = now
            return true
        }
        if isDue { console.diagnostics("plumbline: \(text)\n") }
    }

    /// Prints a line that stays.
    func say(_ text: String) {
        clear()
        console.diagnostics("plumbline: \(text)\n")
    }

    /// Clears the line.
    func clear() {
        let wasShown = state.withLock { state in
            defer { state.isShown = false }
            return state.isShown
        }
        if wasShown { console.diagnostics("\r\u{1b}[K") }
    }
}
