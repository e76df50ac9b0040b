// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// A hog's own view: what it tells its parent through shared memory.
struct HogReport: Sendable {
    /// Where a hog stands.
    enum State: UInt32, Sendable {
        /// Filling memory for the first time.
        case filling = 0
        /// All its memory is filled, and it goes round.
        case ready = 1
        /// It has given up; `errorCode` says why.
        case failed = 2
    }

    /// Bytes of shared memory that a report takes: a cache line.
    static let stride = 64

    /// Its number, from 0.
    let index: Int
    private let stateWord: SharedWord
    private let errorWord: SharedWord
    private let bytesDone: SharedCounter

    init(index: Int, in memory: UnsafeMutableRawBufferPointer) {
        self.index = index
        let start = index * Self.stride
        stateWord = SharedWord(in: memory, at: start)
        errorWord = SharedWord(in: memory, at: start + 4)
        bytesDone = SharedCounter(in: memory, at: start + 8)
    }

    /// Where the hog stands.
    var state: State { State(rawValue: stateWord.load()) ?? .failed }
    /// Why it has given up.
    var error: Errno { Errno(rawValue: Int32(bitPattern: errorWord.load())) }
    /// Bytes read or written so far.
    var bytes: UInt64 { bytesDone.load() }

    /// Says that everything is filled once.
    func setReady() { stateWord.store(State.ready.rawValue) }

    /// Counts bytes read or written.
    func add(bytes: Int) { bytesDone.add(UInt64(bytes)) }

    /// Says why the hog gives up.
    func fail(_ error: Errno) {
        errorWord.store(UInt32(bitPattern: error.rawValue))
        stateWord.store(State.failed.rawValue)
    }
}
