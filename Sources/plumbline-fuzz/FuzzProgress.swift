// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// How far a child is, in memory that it shares with the process that watches it.
struct FuzzProgress {
    /// A number; all begin at 0.
    enum Place: Int, CaseIterable {
        /// The input that is read.
        case number
        /// Inputs that the parser accepted.
        case accepted
        /// The longest CPU time of an input, nanoseconds, and the input.
        case longest, slowest
        /// Bytes of the heap after a tenth of the inputs, and when they were last measured.
        case early, late
        /// By how much the heap grew between them in a child that came to its end.
        case growth
        /// The most bytes of memory that a child had.
        case memory
    }

    /// Counters of refusals, 4 bytes each: as many kinds can be told apart.
    private static let kinds = 1 << 14
    private static let kindsOffset = 8 * Place.allCases.count
    /// Bytes of the memory.
    static let size = kindsOffset + 4 * kinds

    private let memory: UnsafeMutableRawBufferPointer

    /// - Parameter memory: as many bytes as its size, zero.
    init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    /// A number.
    subscript(_ place: Place) -> SharedCounter {
        SharedCounter(in: memory, at: 8 * place.rawValue)
    }

    /// How often there was each kind of refusal.
    var refusals: [Int] { (0..<Self.kinds).map { Int(refusals(of: $0).load()) } }

    private func refusals(of kind: Int) -> SharedWord {
        SharedWord(in: memory, at: Self.kindsOffset + 4 * kind)
    }

    /// Lifts a number.
    func raise(_ place: Place, to value: UInt64) {
        if value > self[place].load() { self[place].store(value) }
    }

    /// Counts a refusal by its letters, without its place and what it quotes of the input.
    func count(_ error: PlumblineError) {
        var text = Array(error.message.utf8)
        func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "'") || byte == 34 }
        if let first = text.firstIndex(where: isQuote), let last = text.lastIndex(where: isQuote) {
            text.removeSubrange(first...last)
        }
        let colon = text.indices.last { text[$0...].starts(with: ": ".utf8) } ?? 0
        let letters = text[colon...].lazy.filter { 97...122 ~= $0 | 32 }
        let hash = letters.prefix(60).reduce(UInt32(2_166_136_261)) {
            ($0 ^ UInt32($1)) &* 16_777_619
        }
        refusals(of: Int(hash) % Self.kinds).add(1)
    }

    /// Notes the growth of the heap between its two measurements.
    func noteGrowth() {
        let (early, late) = (self[.early].load(), self[.late].load())
        if late > early { raise(.growth, to: late - early) }
    }
}
