// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// Whether somebody waits for ticks; while nobody does, none shall pile up.
final class TickGate: Sendable {
    private let state = Atomic(false)

    /// Whether ticks are wanted.
    var isOpen: Bool {
        get { state.load(ordering: .relaxed) }
        set { state.store(newValue, ordering: .relaxed) }
    }
}
