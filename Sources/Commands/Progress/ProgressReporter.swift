// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Synchronization

/// Shows a run's progress.
final class ProgressReporter: Sendable {
    private let status: StatusLine
    private let quiet: Bool
    private let shown = Mutex<Set<String>>([])

    init(_ console: Console, quiet: Bool) {
        status = StatusLine(console, plainEvery: .seconds(5))
        self.quiet = quiet
    }

    /// Shows what happened.
    func show(_ progress: ProgressEvent) {
        switch progress {
        case .started(let kernel, let slices, let remaining):
            let count = Decimal.count(slices, "slice")
            line("measuring Linux \(kernel): \(count), \(Self.words(for: remaining))")
        case .booting(let arm, let label): update("booting \(arm): \(label)")
        case .round(let number, let planned):
            line("round \(number + 1) of \(planned)")
        case .slice(let cell, let done, let total, let remaining):
            update("[\(done + 1)/\(total)] \(Self.words(for: remaining)) left  \(cell)")
        case .void(let cell, let reasons):
            once("void: \(cell): \(reasons.joined(separator: ", "))")
        case .cellFailed(let cell, let error): line("\(cell) could not run: \(error)", always: true)
        case .note(let text): line("agent: \(text)")
        case .interrupted:
            line("interrupted: restoring the machine", always: true)
        }
    }

    /// `45 s`, `3 min 05 s`, `2 h 10 min`.
    static func words(for duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        if seconds < 60 { return "\(seconds) s" }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if seconds < 3600 { return "\(seconds / 60) min \(two(seconds % 60)) s" }
        return "\(seconds / 3600) h \(two(seconds / 60 % 60)) min"
    }

    /// Prints a line the first time only: every slice of a cell may be void for one reason.
    private func once(_ text: String) {
        guard shown.withLock({ $0.insert(text).inserted }) else { return }
        line(text)
    }

    private func line(_ text: String, always: Bool = false) {
        if always || !quiet { status.say(text) }
    }

    private func update(_ text: String) {
        if !quiet { status.update(text) }
    }

    /// Clears the status line.
    func clear() { status.clear() }
}
