// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Protocol
import Testing

@testable import Verdicts

struct BlockTests {
    private func records(
        _ order: [Arm] = [.a, .b, .b, .a], void: Int? = nil, warmup: Bool? = nil,
        operations: UInt64 = 100
    ) -> [SliceRecord] {
        order.enumerated().map { position, arm in
            SliceRecord(
                cell: "a", arm: arm, number: position, block: 1, position: position, warmup: warmup,
                startedAt: 1, operations: operations, bytes: 1, interval: 1000, tracks: [:],
                pressure: PressureRecord(kind: "none", proven: nil, threshold: nil, proof: [:]),
                evidence: EvidenceRecord(),
                validity: position == void ? Validity([.empty: "nothing"]) : Validity())
        }
    }

    private func block(
        _ records: [SliceRecord], first: Int = 0, voidRound: Bool = false
    ) -> Block {
        Block(
            number: 1, slices: records.map { SliceSummary($0) }[...], firstBlock: first,
            isInVoidRound: voidRound)
    }

    @Test func aBlockCountsWhenAllFourSlicesDo() {
        guard case .counted(let effect) = Block(number: 1, records: records()).state else {
            Issue.record("it does not count")
            return
        }
        #expect(effect.logRatio == 0)
        #expect(block(records(void: 2)).state == .void(["empty": "nothing"]))
        #expect(block(records(void: 2)).effect == effect)
        #expect(block(records(void: 0, warmup: true)).state == .warmup)
        #expect(block(records(), first: 2).state == .warmup)
        #expect(block(records(warmup: true), voidRound: true).isInVoidRound)
    }

    @Test func aShortBlockIsIncompleteWhetherItsSlicesAreVoidOrNot() {
        #expect(block(Array(records().prefix(3))).state == .incomplete)
        #expect(block(Array(records(void: 1).prefix(3))).state == .incomplete)
        #expect(Block(number: 1, records: Array(records(void: 1).prefix(2))).state == .incomplete)
    }

    @Test func aBlockWithoutAFigureIsVoidAndSaysWhy() {
        for bad in [records([.a, .a, .a, .b]), records(operations: 0)] {
            guard case .void(let reasons) = block(bad).state else {
                Issue.record("it counts")
                continue
            }
            #expect(reasons[Block.noFigure]?.hasPrefix("block 1: ") == true)
        }
        for good in [records([.a, .a, .b, .b]), records([.b, .a, .a, .b])] {
            #expect(block(good).effect?.logRatio == 0)
        }
    }
}
