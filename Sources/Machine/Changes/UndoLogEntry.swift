// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

/// A line of an undo log: a change that is about to be made, or the number of one that is undone.
struct UndoLogEntry: Codable, Equatable {
    /// The change's number; with `undo`.
    var number: Int?
    /// How to undo it.
    var undo: Undo?
    /// The number of a change that is undone.
    var settled: Int?

    /// A change that is about to be made.
    init(number: Int, undo: Undo) {
        self.number = number
        self.undo = undo
    }

    /// A change that is undone.
    init(settled: Int) { self.settled = settled }

    /// The line in the file, with its line end.
    var text: String {
        // Integers and strings always encode.
        guard let data = try? JSONEncoder().encode(self) else { return "\n" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// The changes that are not undone, newest first; incomplete lines are left out.
    static func unsettled(in text: String) -> [(number: Int, undo: Undo)] {
        var open: [(number: Int, undo: Undo)] = []
        for line in text.split(separator: "\n") {
            guard let entry = try? JSONDecoder().decode(UndoLogEntry.self, from: Data(line.utf8))
            else { continue }
            if let number = entry.number, let undo = entry.undo { open.append((number, undo)) }
            if let number = entry.settled { open.removeAll { $0.number == number } }
        }
        return open.reversed()
    }
}
