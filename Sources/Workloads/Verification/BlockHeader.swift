// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// What a block says of itself: where it belongs, how often it was written, and by whom.
///
/// Every 512 bytes carry one, whatever the request's size, so that data written with one block
/// size is proved with another, and a write that reached the medium in part shows. In words of
/// 64 bits: magic, offset, generation, stamp, checksum, then a payload seeded by the header.
struct BlockHeader: Sendable, Equatable {
    /// Bytes that one header covers: the smallest unit of direct I/O.
    static let sectorBytes = 512
    /// "plumbdio" in ASCII, little-endian.
    static let magic: UInt64 = 0x6f69_6462_6d75_6c70

    private static let words = sectorBytes / 8

    /// Bytes from the start of the file or device.
    var offset: UInt64
    /// 0 as laid out; then one more for each write of the block.
    var generation: UInt64
    /// Tells jobs and seeds apart.
    var stamp: UInt64

    /// What reading a block back can show.
    enum Verdict: Sendable, Equatable {
        /// All bytes are the ones expected.
        case intact
        /// An older or newer content of this very block.
        case stale
        /// A whole block, of another place or another job.
        case misplaced
        /// Bytes that nobody wrote so, or parts of several contents.
        case torn
    }

    /// Writes a block of this content: headers, checksums and payload, `offset` growing with it.
    func fill(_ block: UnsafeMutableRawBufferPointer) {
        var header = self
        var place = block.baseAddress!
        for _ in 0..<block.count / Self.sectorBytes {
            header.fillSector(place.assumingMemoryBound(to: UInt64.self))
            header.offset &+= UInt64(Self.sectorBytes)
            place += Self.sectorBytes
        }
    }

    private func fillSector(_ words: UnsafeMutablePointer<UInt64>) {
        words[0] = Self.magic
        words[1] = offset
        words[2] = generation
        words[3] = stamp
        var payload = SplitMix64(seed: SplitMix64.mixed(offset ^ stamp) &+ generation)
        for i in 5..<Self.words { words[i] = payload.next() }
        words[4] = Self.checksum(words)
    }

    /// What a block that was read shows, this header being the one expected.
    ///
    /// A wrong sector decides; when others are right, the block is torn.
    func verdict(_ block: UnsafeRawBufferPointer) -> Verdict {
        var expected = self
        var worst = Verdict.intact
        var right = 0
        let sectors = block.count / Self.sectorBytes
        for i in 0..<sectors {
            let place = block.baseAddress! + i * Self.sectorBytes
            let found = expected.sectorVerdict(place.assumingMemoryBound(to: UInt64.self))
            expected.offset &+= UInt64(Self.sectorBytes)
            if found == .intact { right += 1 } else if worst != .torn { worst = found }
        }
        return worst != .intact && right > 0 ? .torn : worst
    }

    private func sectorVerdict(_ words: UnsafePointer<UInt64>) -> Verdict {
        guard words[0] == Self.magic, words[4] == Self.checksum(words) else { return .torn }
        guard words[1] == offset else { return .misplaced }
        if words[2] == generation, words[3] == stamp { return .intact }
        return words[2] == generation ? .misplaced : .stale
    }

    /// A mix of all words but the checksum's own; one word changed always changes it, because
    /// each step is invertible.
    private static func checksum(_ sector: UnsafePointer<UInt64>) -> UInt64 {
        var sum: UInt64 = magic
        for i in 0..<words where i != 4 {
            sum = (sum ^ sector[i]) &* 0x9fb2_1c65_1e98_df25
            sum ^= sum &>> 32
        }
        return sum
    }
}
