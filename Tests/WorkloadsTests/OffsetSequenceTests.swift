// SPDX-License-Identifier: GPL-3.0-or-later

import Cells
import Testing

@testable import Workloads

@Suite struct OffsetSequenceTests {
    private func steps(
        _ access: DirectWorkload.Access, share: Int = 50, blocks: Int = 1000, seed: UInt64 = 1,
        count: Int = 10_000
    ) -> [OffsetSequence.Step] {
        var sequence = OffsetSequence(access, readShare: share, blocks: blocks, seed: seed)
        return (0..<count).map { _ in sequence.next() }
    }

    @Test("the same seed gives the same offsets, another gives others")
    func seeded() {
        #expect(steps(.randrw) == steps(.randrw))
        #expect(steps(.randread, seed: 1) != steps(.randread, seed: 2))
    }

    @Test("random offsets stay in the region and reach all of it evenly")
    func uniform() {
        var hits = [Int](repeating: 0, count: 100)
        for step in steps(.randread, blocks: 100, count: 100_000) { hits[step.block] += 1 }
        // 1000 each; the standard deviation is 32.
        #expect(hits.allSatisfy { (800...1200).contains($0) })
    }

    @Test("a region of one block is that block")
    func oneBlock() {
        #expect(steps(.randrw, blocks: 1).allSatisfy { $0.block == 0 })
        #expect(steps(.rw, blocks: 1).allSatisfy { $0.block == 0 })
    }

    @Test("sequential offsets go up and start anew", arguments: ["read", "write"])
    func sequential(access: String) throws {
        let all = steps(try #require(.init(rawValue: access)), blocks: 7, count: 20)
        #expect(all.map(\.block) == (0..<20).map { $0 % 7 })
        #expect(all.allSatisfy { $0.isWrite == (access == "write") })
    }

    @Test("a sequential mix has a position for reads and one for writes, as fio has")
    func sequentialMix() {
        let all = steps(.rw, blocks: 7, count: 100)
        for isWrite in [false, true] {
            let own = all.filter { $0.isWrite == isWrite }.map(\.block)
            #expect(own == own.indices.map { $0 % 7 })
        }
    }

    @Test("rwmixread is the share of reads", arguments: [0, 1, 30, 50, 99, 100])
    func share(percent: Int) {
        let reads = steps(.randrw, share: percent, count: 100_000).filter { !$0.isWrite }.count
        #expect(abs(reads - percent * 1000) <= 800)
        if percent == 0 { #expect(reads == 0) }
        if percent == 100 { #expect(reads == 100_000) }
    }
}
