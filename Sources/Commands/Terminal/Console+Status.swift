// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

extension Console {
    /// Whether status lines are drawn on the terminal, below the lines that stay.
    final class Status: Sendable {
        fileprivate let isShown = Mutex(false)
    }

    private static let clear = "\r\u{1b}[J"

    /// Draws lines that the next line replaces.
    func draw(_ lines: String) {
        status.isShown.withLock { isShown in
            isShown = true
            diagnostics(Self.clear + lines)
        }
    }

    /// Prints a line that stays, in the place of what is drawn.
    func say(_ text: String) {
        status.isShown.withLock { isShown in
            diagnostics("\(isShown ? Self.clear : "")plumbline: \(text.printableLines)\n")
            isShown = false
        }
    }

    /// Removes what is drawn.
    func clearStatus() {
        status.isShown.withLock { isShown in
            if isShown { diagnostics(Self.clear) }
            isShown = false
        }
    }
}
