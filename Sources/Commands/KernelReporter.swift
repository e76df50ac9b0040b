// SPDX-License-Identifier: GPL-3.0-or-later

import Lab
import Synchronization

/// Shows a build's progress: a line that is redrawn on a terminal, now and then a line elsewhere.
final class KernelReporter: Sendable {
    private struct State {
        var lineIsShown = false
        var lastPlain: ContinuousClock.Instant?
    }

    private static let width = 79
    private static let plainEvery = Duration.seconds(15)
    private let console: Console
    private let quiet: Bool
    private let state = Mutex(State())

    init(_ console: Console, quiet: Bool) {
        self.console = console
        self.quiet = quiet
    }

    /// Shows what happened.
    func show(_ progress: KernelProgress) {
        guard !quiet else { return }
        switch progress {
        case .phase(let words), .note(let words):
            clear()
            console.diagnostics("plumbline: \(words)\n")
        case .object(_, let done, let total, let remaining, let current):
            let count = total.map { "[\(min(done, $0))/\($0)]" } ?? "[\(done)]"
            let left = remaining.map { " \(ProgressReporter.words(for: $0)) left" } ?? ""
            update("\(count)\(left)  \(current)")
        }
    }

    private func update(_ text: String) {
        if console.diagnosticsAreTerminal {
            state.withLock { $0.lineIsShown = true }
            console.diagnostics("\r\u{1b}[K\(text.prefix(Self.width))")
            return
        }
        let now = ContinuousClock.now
        let due = state.withLock { state in
            if let last = state.lastPlain, now - last < Self.plainEvery { return false }
            state.lastPlain = now
            return true
        }
        if due { console.diagnostics("plumbline: \(text)\n") }
    }

    /// Takes the redrawn line away.
    func clear() {
        let shown = state.withLock { state in
            defer { state.lineIsShown = false }
            return state.lineIsShown
        }
        if shown { console.diagnostics("\r\u{1b}[K") }
    }
}
