// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

/// A line of an undo log.
enum UndoLogEntry: Codable, Equatable {
    /// A change that is about to be made, with its number.
    case change(number: Int, undo: Undo)
    /// The number of a change that is undone.
    case settled(number: Int)

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
            switch try? JSONDecoder().decode(UndoLogEntry.self, from: Data(line.utf8)) {
            case .change(let number, let undo): open.append((number, undo))
            case .settled(let number): open.removeAll { $0.number == number }
            case nil: continue
            }
        }
        return open.reversed()
    }
}
