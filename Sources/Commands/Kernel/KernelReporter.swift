// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Kernels
import Linux

/// Shows the progress of builds.
final class KernelReporter: Sendable {
    private let console: Console
    private let line: StatusLine
    private let quiet: Bool

    init(_ console: Console, quiet: Bool) {
        self.console = console
        line = StatusLine(console, plainEvery: .seconds(15))
        self.quiet = quiet
    }

    /// A builder over the user's cache that reports here and ends on Ctrl-C.
    func builder() throws(PlumblineError) -> KernelBuilder {
        KernelBuilder(
            store: try KernelStore(environment: console.environment),
            environment: console.environment, progress: { self.show($0) },
            isInterrupted: { Interrupts.pending != nil })
    }

    private func show(_ progress: KernelProgress) {
        guard !quiet else { return }
        switch progress {
        case .phase(let words), .note(let words): line.say(words)
        case .object(let name, let done, let total, let remaining):
            let count = total.map { "[\(min(done, $0))/\($0)]" } ?? "[\(done)]"
            let left = remaining.map { " \(ProgressReporter.words(for: $0)) left" } ?? ""
            line.update(.init(lead: "\(count)\(left)  ", name: name))
        }
    }

    /// Clears the status line.
    func clear() { line.clear() }
}
