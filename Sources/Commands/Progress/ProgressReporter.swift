// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Experiment
import Reports
import Synchronization

/// Shows a run's progress.
final class ProgressReporter: Sendable {
    private let status: StatusLine
    private let quiet: Bool
    private let shown = Mutex<Set<String>>([])
    /// What a cell's blocks say so far, below the line of the slice that runs.
    private let estimate = Mutex<StatusLine.Row?>(nil)

    init(_ console: Console, quiet: Bool) {
        status = StatusLine(console, plainEvery: .seconds(30))
        self.quiet = quiet
    }

    /// Shows what happened.
    func show(_ progress: ProgressEvent) {
        switch progress {
        case .started(let kernel, let slices, let remaining):
            let count = Decimal.count(slices, "slice")
            line(
                "measuring Linux \(kernel): at most \(count), \(Self.words(for: remaining)), "
                    + "plus setup and any boots")
        case .booting(let arm, let label):
            let lead = "booting \(arm.map { "\($0): " } ?? "")\(label)"
            if !quiet { status.update(.init(lead: lead), always: true) }
        case .round(let number, let planned):
            line("round \(number + 1) of \(planned)")
        case .slice(let cell, let done, let total, let remaining):
            guard !quiet else { return }
            let lead = "[\(done + 1)/\(total)] \(Self.words(for: remaining)) left  "
            let below = estimate.withLock { $0 }.map { [$0] } ?? []
            status.update([.init(lead: lead, name: cell)] + below)
        case .estimate(let cell, let estimate): show(estimate, of: cell)
        case .void(let cell, let reasons):
            once("void: \(cell): \(reasons.joined(separator: ", "))")
        case .cellFailed(let cell, let error):
            once("\(cell) could not run: \(error)", always: true)
        case .note(let text): line("agent: \(text.printable)")
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
    private func once(_ text: String, always: Bool = false) {
        guard shown.withLock({ $0.insert(text).inserted }) else { return }
        line(text, always: always)
    }

    private func line(_ text: String, always: Bool = false) {
        if always || !quiet { status.say(text) }
    }

    /// `pipe 2w1r: +18.2% [+9.10, +27.3] so far, after 5 of 8 rounds`; a round stays on the screen.
    private func show(_ estimate: CellEstimate, of cell: String) {
        let noun = estimate.countsRounds ? "round" : "block"
        let tail =
            ": \(Change.signed(estimate.change)) \(Change.interval(estimate.interval)) so far, "
            + "after \(estimate.done) of \(Decimal.count(estimate.planned, noun))"
        if estimate.countsRounds {
            line(cell + tail)
        } else {
            self.estimate.withLock { $0 = StatusLine.Row(name: cell, tail: tail) }
        }
    }

    /// Clears the status line.
    func clear() { status.clear() }
}
