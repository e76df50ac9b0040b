// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

extension SliceSummary {
    /// The numbers of a slice, each a word of its line, in the space of a hundred bytes.
    struct Words: Sendable, Equatable {
        var arm: Arm?
        var number: Int32 = 0
        var visit: Int32 = 0
        var block = Packed<Int32>()
        var round = Packed<Int32>()
        var position = Packed<Int8>()
        var isWarmup = false
        var startedAt: UInt64 = 0
        var operations: UInt64 = 0
        var bytes: UInt64 = 0
        var interval: UInt64 = 0
        var instructions = Packed<UInt64>()
        var stalls = Packed<UInt64>()
        var workerStalls = Packed<UInt64>()
        var workerStallTime = Packed<UInt64>()
        var requestReclaims = Packed<UInt64>()
        var value: MarkedNumber?

        /// Nothing as yet.
        init() {}

        /// Those of a record.
        init(_ slice: SliceRecord) {
            let workers = slice.evidence.workers
            arm = slice.arm
            number = Int32(clamping: slice.number)
            visit = Int32(clamping: slice.visit)
            block = Packed(slice.block)
            round = Packed(slice.round)
            position = Packed(slice.position)
            isWarmup = slice.warmup == true
            startedAt = slice.startedAt
            operations = slice.operations
            bytes = slice.bytes
            interval = slice.interval
            instructions = Packed(slice.evidence.kernelInstructions)
            stalls = Self.count(slice.pressure.proof["allocstall"])
            workerStalls = Self.count(workers["reclaim_stalls"])
            workerStallTime = Self.count(workers["reclaim_stall_us"])
            requestReclaims = Self.count(workers["request_reclaims"])
            value = slice.value.map { MarkedNumber($0) }
        }

        private static func count(_ value: Int64?) -> Packed<UInt64> {
            Packed(value.flatMap(UInt64.init(exactly:)))
        }

        /// Writes or reads the words in their order; journal.schema.json says what each is.
        mutating func pass<Coder: WordCoder>(_ words: inout Coder) throws(Coder.Failure) {
            try words.pass(&arm)
            try words.pass(&number)
            try words.pass(&visit)
            try words.pass(&block)
            try words.pass(&round)
            try words.pass(&position)
            try words.pass(&isWarmup)
            try words.pass(&startedAt)
            try words.pass(&operations)
            try words.pass(&bytes)
            try words.pass(&interval)
            try words.pass(&instructions)
            try words.pass(&stalls)
            try words.pass(&workerStalls)
            try words.pass(&workerStallTime)
            try words.pass(&requestReclaims)
            try words.passLast(&value)
        }
    }
}
