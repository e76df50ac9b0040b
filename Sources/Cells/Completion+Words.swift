// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension StorageSpec.Completion {
    /// All of them, by their names in files of claims.
    package static let all: [StorageSpec.Completion] = [.inline, .softirq, .interrupt]

    /// After "requests complete".
    package var words: String {
        switch self {
        case .inline: "inline"
        case .softirq: "in a softirq"
        case .interrupt: "in an interrupt"
        }
    }
}
