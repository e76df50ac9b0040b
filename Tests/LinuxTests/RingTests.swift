// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import SystemPackage
import Testing

extension Kernel {
    @Suite(.enabled(if: Support.hasRing, Support.needsRing))
    struct RingTests {
        private func reap(_ ring: borrowing Ring, _ most: Int = 64) -> [UInt64: Int32] {
            let count = min(ring.ready, most)
            defer { ring.advance(count) }
            return Dictionary(
                uniqueKeysWithValues: (0..<count).map {
                    (ring.completion($0).user_data, ring.completion($0).result)
                })
        }

        @Test func createGrantsFlagsAndTheRingWorks() throws {
            let ring = try Ring.create(entries: 8)
            #expect(ring.flags.isSubset(of: .preferred))
            if try Support.hasKernel(atLeast: 6, 1) { #expect(ring.flags == .preferred) }
            try ring.registerSelf()
            try ring.queue(.nothing(userData: 42))
            #expect(try ring.submitAndWait(1) == 1)
            #expect(reap(ring) == [42: 0])
            #expect(reap(ring).isEmpty)
        }

        @Test func createDropsWhatCannotBeTogetherAndKeepsSQPoll() throws {
            let ring = try Ring.create(
                entries: 8, wanted: Ring.Flags.preferred.union(.sqPoll),
                sqPollIdleMilliseconds: 10)
            #expect(ring.flags.contains(.sqPoll))
            #expect(!ring.flags.contains(.deferTaskrun))
            try ring.queue(.nothing(userData: 1))
            try ring.submitAndWait(1)
            #expect(reap(ring) == [1: 0])
        }

        @Test func aSleepingKernelThreadIsWoken() throws {
            let ring = try Ring(Ring.Options(entries: 8, flags: .sqPoll, sqPollIdleMilliseconds: 1))
            for round in 0..<3 as Range<UInt64> {
                try Clock.sleep(nanoseconds: 20_000_000)
                try ring.queue(.nothing(userData: round))
                try ring.submitAndWait(1)
                #expect(reap(ring) == [round: 0])
            }
        }

        @Test func impossibleOptionsAreRefused() {
            #expect(throws: Errno.invalidArgument) { _ = try Ring(Ring.Options(entries: 0)) }
            #expect(throws: Errno.invalidArgument) {
                _ = try Ring(Ring.Options(entries: 8, flags: .deferTaskrun))
            }
            #expect(throws: Errno.invalidArgument) {
                _ = try Ring(Ring.Options(entries: 8, flags: .sqPoll, sqPollCPU: 1_000_000))
            }
        }

        @Test func aFullSubmissionQueueWouldBlock() throws {
            let ring = try Ring(Ring.Options(entries: 4))
            #expect(ring.spaceLeft == 4)
            for number in 0..<4 as Range<UInt64> { try ring.queue(.nothing(userData: number)) }
            #expect(ring.spaceLeft == 0)
            #expect(throws: Errno.wouldBlock) { try ring.queue(.nothing()) }
            let memory = try MappedMemory(bytes: 16)
            #expect(throws: Errno.wouldBlock) {
                try ring.queue(.read(.descriptor(0), into: memory.bytes, at: 0))
            }
            #expect(throws: Errno.wouldBlock) {
                try ring.queue(
                    .write(
                        .descriptor(0), from: UnsafeRawBufferPointer(memory.bytes), at: 0))
            }
            #expect(try ring.submitAndWait(4) == 4)
            #expect(ring.spaceLeft == 4)
            #expect(reap(ring) == [0: 0, 1: 0, 2: 0, 3: 0])
        }

        @Test func completionsAreTakenInParts() throws {
            let ring = try Ring.create(entries: 8)
            for number in 0..<5 as Range<UInt64> { try ring.queue(.nothing(userData: number)) }
            try ring.submitAndWait(5)
            #expect(reap(ring, 3) == [0: 0, 1: 0, 2: 0])
            #expect(reap(ring, 3) == [3: 0, 4: 0])
        }

        @Test(arguments: [false, true], [false, true])
        func aBatchIsWrittenAndReadBack(fixedFile: Bool, fixedBuffers: Bool) throws {
            let (count, each) = (8, 4096)
            let file = try Support.temporaryFile()
            let ring = try Ring.create(entries: 16)
            let memory = try MappedMemory(bytes: count * each)
            if fixedFile { try ring.registerFiles([file.rawValue]) }
            if fixedBuffers { try ring.registerBuffers(memory.bytes, each: each) }
            let target: Ring.File = fixedFile ? .registered(0) : .descriptor(file.rawValue)
            func buffer(_ number: Int) -> UnsafeMutableRawBufferPointer {
                .init(rebasing: memory.bytes[(number * each)..<((number + 1) * each)])
            }
            let whole = Dictionary(
                uniqueKeysWithValues: (0..<count).map { (UInt64($0), Int32(each)) })
            for number in 0..<count {
                buffer(number).initializeMemory(as: UInt8.self, repeating: UInt8(number + 1))
                try ring.queue(
                    .write(
                        target, from: UnsafeRawBufferPointer(buffer(number)), at: number * each,
                        bufferIndex: fixedBuffers ? number : nil, userData: UInt64(number)))
            }
            #expect(try ring.submitAndWait(count) == count)
            #expect(reap(ring) == whole)
            // Back to front, so that a mixed-up buffer or offset shows.
            for number in 0..<count {
                try ring.queue(
                    .read(
                        target, into: buffer(number), at: (count - 1 - number) * each,
                        bufferIndex: fixedBuffers ? number : nil, userData: UInt64(number)))
            }
            #expect(try ring.submitAndWait(count) == count)
            #expect(reap(ring) == whole)
            for number in 0..<count {
                #expect(buffer(number).allSatisfy { $0 == UInt8(count - number) })
            }
        }

        @Test func failuresComeAsNegativeResults() throws {
            let ring = try Ring.create(entries: 8)
            let memory = try MappedMemory(bytes: 4096)
            try ring.queue(.read(.descriptor(-1), into: memory.bytes, at: 0, userData: 1))
            try ring.queue(.read(.registered(0), into: memory.bytes, at: 0, userData: 2))
            try ring.queue(
                .read(
                    .descriptor(0), into: memory.bytes, at: 0, bufferIndex: 3, userData: 3))
            try ring.submitAndWait(3)
            #expect(reap(ring) == [1: -EBADF, 2: -EBADF, 3: -EFAULT])
        }

        @Test func registeringNonsenseIsRefused() throws {
            let ring = try Ring.create(entries: 8)
            let memory = try MappedMemory(bytes: 4096)
            #expect(throws: Errno.badFileDescriptor) { try ring.registerFiles([99_999]) }
            #expect(throws: Errno.invalidArgument) { try ring.registerFiles([]) }
            #expect(throws: Errno.invalidArgument) {
                try ring.registerBuffers(memory.bytes, each: 1000)
            }
            #expect(throws: Errno.invalidArgument) {
                try ring.registerBuffers(memory.bytes, each: 0)
            }
            try ring.registerFiles([0])
            #expect(throws: Errno.resourceBusy) { try ring.registerFiles([0]) }
        }

        @Test func submittingNothingAnswersZero() throws {
            let ring = try Ring.create(entries: 8)
            #expect(try ring.submitAndWait() == 0)
        }

        /// A device without poll queues is refused with `EOPNOTSUPP` or `EINVAL` by new kernels,
        /// and waited for by old ones; a device with them reads.
        @Test(.enabled(if: Support.hasStrictDirectIO, Support.needsStrictDirectIO))
        func polledReadsAreServedOrRefusedAsUnsupported() throws {
            let file = try Support.temporaryFile()
            try file.writeAll([UInt8](repeating: 1, count: 4096))
            try file.sync()
            let direct = try DirectFile(Support.path(of: file))
            let ring = try Ring.create(entries: 8, wanted: Ring.Flags.preferred.union(.ioPoll))
            #expect(ring.flags.contains(.ioPoll))
            let memory = try MappedMemory(bytes: 4096)
            try ring.queue(
                .read(
                    .descriptor(direct.descriptor.rawValue), into: memory.bytes, at: 0, userData: 9)
            )
            try ring.submitAndWait(1)
            let result = try #require(reap(ring)[9])
            #expect([4096, -EOPNOTSUPP, -EINVAL].contains(result))
        }

        @Test func aBufferedFileCannotBePolled() throws {
            let file = try Support.temporaryFile()
            let ring = try Ring.create(entries: 8, wanted: .ioPoll)
            let memory = try MappedMemory(bytes: 4096)
            try ring.queue(
                .read(.descriptor(file.rawValue), into: memory.bytes, at: 0, userData: 9))
            try ring.submitAndWait(1)
            #expect(reap(ring) == [9: -EOPNOTSUPP])
        }
    }
}
