// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Synchronization

/// The last lines on standard error: redrawn on a terminal, printed now and then elsewhere.
final class StatusLine: Sendable {
    /// A line with a name in it, which is cut in the middle where the terminal is narrow.
    struct Row: Sendable {
        var lead = ""
        var name = ""
        var tail = ""

        /// The line in at most so many columns.
        func text(columns: Int) -> String {
            let room = max(Self.leastName, columns - lead.count - tail.count)
            return "\(lead)\(name.cut(to: room))\(tail)".cut(to: columns).printable
        }

        private static let leastName = 12
    }

    /// How often a terminal is redrawn at most: a person reads no faster.
    private static let redrawnEvery = Duration.milliseconds(200)
    private let console: Console
    private let every: Duration
    private let lastUpdate = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter plainEvery: how often the lines are printed where they cannot be redrawn.
    init(_ console: Console, plainEvery: Duration) {
        self.console = console
        every = console.diagnosticsAreTerminal ? Self.redrawnEvery : plainEvery
    }

    /// Redraws the lines, unless they were redrawn a moment ago.
    ///
    /// - Parameter always: whether they are redrawn on a terminal in any case.
    func update(_ rows: Row..., always: Bool = false) { update(rows, always: always) }

    /// Redraws the lines, unless they were redrawn a moment ago.
    func update(_ rows: [Row], always: Bool = false) {
        let isTerminal = console.diagnosticsAreTerminal
        let now = ContinuousClock.now
        let isDue = lastUpdate.withLock { lastUpdate in
            if let last = lastUpdate, now - last < every, !(always && isTerminal) { return false }
            lastUpdate = now
            return true
        }
        guard isDue else { return }
        guard isTerminal else {
            for row in rows { console.diagnostics("plumbline: \(row.text(columns: .max))\n") }
            return
        }
        // The last column stays free: a full line would wrap.
        let lines = rows.map { $0.text(columns: max(20, console.columns() - 1)) }
        let up = lines.count > 1 ? "\u{1b}[\(lines.count - 1)A" : ""
        console.draw(lines.joined(separator: "\r\n") + up)
    }

    /// Prints a line that stays.
    func say(_ text: String) { console.say(text) }

    /// Clears the lines.
    func clear() { console.clearStatus() }
}
