// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Testing

@testable import Journal
@testable import Protocol

struct PackedSlicesTests {
    /// Slices of three cells with any numbers, as they are after packing and unpacking.
    private static func random(_ count: Int, seed: UInt64) -> [SliceSummary] {
        var random = SplitMix64(seed: seed)
        func number() -> UInt64 { random.next() >> UInt64.random(in: 0..<64, using: &random) }
        return (0..<count).map { _ in
            var slice = SliceSummary()
            slice.place = Int.random(in: 0..<3, using: &random)
            slice.words.arm = [nil, .a, .b].randomElement(using: &random) ?? nil
            slice.words.number = Int32(truncatingIfNeeded: number())
            slice.words.block = Packed(Bool.random(using: &random) ? Int(number() >> 40) : nil)
            slice.words.position = Packed(Bool.random(using: &random) ? Int(number() & 3) : nil)
            slice.words.isWarmup = .random(using: &random)
            slice.words.startedAt = number()
            slice.words.operations = number()
            slice.words.interval = number()
            slice.instructions = Bool.random(using: &random) ? number() : nil
            if Bool.random(using: &random) { slice.detail = 0..<Int(number() >> 34) + 1 }
            if number() & 7 == 0 { slice.reasons = ["eio": "at \(number() & 3)"] }
            return slice
        }
    }

    @Test func whatIsUnpackedIsWhatWasPacked() {
        for seed in 0..<20 {
            let slices = Self.random(200, seed: UInt64(seed))
            let packed = PackedSlices(slices)
            var unpacked: [SliceSummary] = []
            packed.forEach { unpacked.append($0) }
            #expect(unpacked == slices && packed.count == slices.count)
            for cell in 0..<3 {
                var some: [SliceSummary] = []
                packed.forEach(of: cell) { some.append($0) }
                #expect(some == slices.filter { $0.place == cell })
            }
        }
    }

    @Test func aSliceOfABlockTakesThirtyBytes() {
        var slices: [SliceSummary] = []
        for number in 0..<4000 {
            var slice = SliceSummary()
            slice.words.arm = [1, 2].contains(number % 4) ? .b : .a
            slice.words.number = Int32(number / 2)
            slice.words.block = Packed(number / 4)
            slice.words.round = Packed(0)
            slice.words.position = Packed(number % 4)
            slice.words.startedAt = 1_800_000_000_000_000_000 + UInt64(number * 62_345_678)
            slice.words.operations = UInt64(30_000 + number * 7919 % 1000)
            slice.words.bytes = slice.words.operations << 16
            slice.words.interval = UInt64(50_000_000 + number * 7717 % 10_000)
            slice.words.workerStalls = Packed(number * 31 % 50)
            slice.detail = number * 2000..<number * 2000 + 1800 + number * 17 % 60
            slices.append(slice)
        }
        #expect(PackedSlices(slices).size <= 30 * slices.count)
    }
}
