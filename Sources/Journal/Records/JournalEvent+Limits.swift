// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

extension JournalEvent {
    /// Refuses numbers that no plan has, and that a report would compute with.
    ///
    /// - Throws: `failure` naming the number.
    func checkLimits() throws(PlumblineError) {
        switch self {
        case .round(let round): try JournalHeader.checkCount(round.round, "a round's number")
        case .roundVoid(let void): try JournalHeader.checkCount(void.round, "a round's number")
        case .cellFailed(let failure):
            try JournalHeader.checkCount(failure.number, "a slice's number")
        case .warmupExtended(let warmup):
            try JournalHeader.checkCount(warmup.firstBlock, "a block's number")
        case .sliceLength(let length):
            try JournalHeader.check(length.slice, in: 0...Setting.longestTime, "a time")
        case .mechanism(let mechanism): try mechanism.checkLimits()
        case .slice, .visit, .resumed, .end: break
        }
    }
}
