// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

/// A line of a ledger: a change about to be made, or one that is put back.
struct LedgerLine: Codable, Equatable {
    /// The change's number; with `undo`.
    var number: Int?
    /// How to put it back.
    var undo: Undo?
    /// The number of a change that is put back.
    var settled: Int?

    /// A change about to be made.
    init(number: Int, undo: Undo) {
        self.number = number
        self.undo = undo
    }

    /// A change that is put back.
    init(settled: Int) { self.settled = settled }

    /// As the file has it, with its line end.
    var text: String {
        // Integers and strings always encode.
        guard let data = try? JSONEncoder().encode(self) else { return "\n" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// What is not put back, newest first; lines that are torn are left out.
    static func unsettled(in text: String) -> [(number: Int, undo: Undo)] {
        var open: [(number: Int, undo: Undo)] = []
        for line in text.split(separator: "\n") {
            guard let entry = try? JSONDecoder().decode(LedgerLine.self, from: Data(line.utf8))
            else { continue }
            if let number = entry.number, let undo = entry.undo { open.append((number, undo)) }
            if let number = entry.settled { open.removeAll { $0.number == number } }
        }
        return open.reversed()
    }
}
