// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

extension UndoLog {
    /// Records what a knob holds before it is switched, unless another running process did: each
    /// would write back what the other one wrote.
    ///
    /// - Returns: the entry's number.
    /// - Throws: `failure` naming that process; as `record`.
    package func record(_ knob: KnobFile) throws(PlumblineError) -> Int {
        // Recorded first: of two at the same time, at least one sees the other.
        let number = try record(.writeBack(path: knob.path, value: knob.original))
        guard let other = otherSwitching(knob.path) else { return number }
        settle(number)
        throw .failure(
            "the knob \(knob.path) is being switched by another plumbline, process \(other.id)",
            remedy: "wait until it ends; an agent whose connection is lost ends within 2 minutes")
    }

    private func otherSwitching(_ path: String) -> ProcessIdentity? {
        ((try? SystemFile.list(directory)) ?? []).lazy.compactMap { name -> ProcessIdentity? in
            guard let owner = Self.owner(ofFile: name), owner != ProcessIdentity.current,
                owner.isRunning, let text = try? SystemFile.read("\(self.directory)/\(name)")
            else { return nil }
            let isSwitching = UndoLogEntry.unsettled(in: text).contains { entry in
                if case .writeBack(path: path, value: _) = entry.undo { true } else { false }
            }
            return isSwitching ? owner : nil
        }.first
    }
}
