// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import Workloads

/// Memory for one block.
private final class Block {
    let bytes: UnsafeMutableRawBufferPointer
    init(_ count: Int, _ header: BlockHeader) {
        bytes = .allocate(byteCount: count, alignment: 4096)
        header.fill(bytes)
    }
    deinit { bytes.deallocate() }
    /// What the block, or a part of it, shows to one who expects `header`.
    func verdict(_ header: BlockHeader, _ part: Range<Int>? = nil) -> BlockHeader.Verdict {
        let shown = bytes[part ?? 0..<bytes.count]
        return header.verdict(UnsafeRawBufferPointer(rebasing: shown))
    }
    /// Its 64-bit words.
    var words: [UInt64] { Array(bytes.bindMemory(to: UInt64.self)) }
}

@Suite struct BlockHeaderTests {
    private let header = BlockHeader(offset: 1 << 20, generation: 7, stamp: 99)

    @Test("a block proves itself", arguments: [512, 4096, 65536, 1 << 20])
    func intact(size: Int) {
        #expect(Block(size, header).verdict(header) == .intact)
    }

    @Test("a flipped bit in any byte is found")
    func flippedByte() {
        let block = Block(4096, header)
        for i in 0..<4096 {
            block.bytes[i] ^= UInt8(1 << (i % 8))
            #expect(block.verdict(header) == .torn, "byte \(i)")
            block.bytes[i] ^= UInt8(1 << (i % 8))
        }
        #expect(block.verdict(header) == .intact)
    }

    @Test("a block at the wrong place is found")
    func misplaced() {
        var other = header
        other.offset += 4096
        #expect(Block(4096, other).verdict(header) == .misplaced)
    }

    @Test("another job's block of the same place is found")
    func foreign() {
        var other = header
        other.stamp += 1
        #expect(Block(4096, other).verdict(header) == .misplaced)
    }

    @Test("an older and a newer content are found", arguments: [UInt64(6), 8, 0])
    func stale(generation: UInt64) {
        var other = header
        other.generation = generation
        #expect(Block(4096, other).verdict(header) == .stale)
    }

    @Test("a write that reached the medium in part is found", arguments: [512, 2048, 3584])
    func torn(cut: Int) {
        var old = header
        old.generation -= 1
        let block = Block(4096, header)
        let before = Block(4096, old)
        for i in cut..<4096 { block.bytes[i] = before.bytes[i] }
        #expect(block.verdict(header) == .torn)
    }

    @Test("zeroes prove nothing")
    func zeroes() {
        let block = Block(4096, header)
        block.bytes.initializeMemory(as: UInt8.self, repeating: 0)
        #expect(block.verdict(header) == .torn)
    }

    @Test("what one block size wrote, another proves")
    func otherSize() {
        let block = Block(65536, header)
        var part = header
        part.offset += 12288
        #expect(block.verdict(part, 12288..<16384) == .intact)
    }

    @Test("contents do not compress: no 64-bit word comes twice")
    func incompressible() {
        let words = Block(65536, header).words
        let payload = words.indices.filter { $0 % 64 >= 5 }.map { words[$0] }
        #expect(Set(payload).count == payload.count)
    }
}
