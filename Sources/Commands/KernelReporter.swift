// SPDX-License-Identifier: GPL-3.0-or-later

import Kernels

/// Shows a build's progress.
final class KernelReporter: Sendable {
    private let line: StatusLine
    private let quiet: Bool

    init(_ console: Console, quiet: Bool) {
        line = StatusLine(console, plainEvery: .seconds(15))
        self.quiet = quiet
    }

    /// Shows what happened.
    func show(_ progress: KernelProgress) {
        guard !quiet else { return }
        switch progress {
        case .phase(let words), .note(let words): line.say(words)
        case .object(_, let done, let total, let remaining, let current):
            let count = total.map { "[\(min(done, $0))/\($0)]" } ?? "[\(done)]"
            let left = remaining.map { " \(ProgressReporter.words(for: $0)) left" } ?? ""
            line.update("\(count)\(left)  \(current)")
        }
    }

    /// Takes the redrawn line away.
    func clear() { line.clear() }
}
