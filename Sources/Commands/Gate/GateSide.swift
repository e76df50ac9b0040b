// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux

/// What `--baseline` or `--candidate` of a gate names.
enum GateSide {
    /// A kernel that is to be booted.
    case kernel(String)
    /// What was measured before.
    case journals([StoredJournal])
    /// Nothing.
    case absent

    /// Reads the journals among the names.
    ///
    /// - Throws: `usage` for journals beside kernels, more than one kernel, and a journal that is
    ///   not there; `failure` for one that is damaged.
    init(_ names: [String], option: String) throws(PlumblineError) {
        let journals = names.filter(Self.isJournal)
        switch (names.count, journals.count) {
        case (0, _): self = .absent
        case (let all, let stored) where all == stored:
            self = .journals(
                try names.map { (path) throws(PlumblineError) in
                    try StoredJournal(readingFrom: path)
                })
        case (1, _): self = .kernel(names[0])
        default:
            throw .usage(
                "\(option) takes one kernel, or journals, and not "
                    + names.map { "'\($0)'" }.joined(separator: " and "),
                remedy: "repeat \(option) for journals only")
        }
    }

    /// Whether a name is that of a journal: a file that begins as one, or whose name ends so.
    private static func isJournal(_ name: String) -> Bool {
        name.hasSuffix(".jsonl") || FileHead.text(of: name)?.hasPrefix("{\"") == true
    }
}
