// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// What each block of a job's region must hold: the proof behind `verify`.
///
/// A block is never written while another request on it is in flight, so that each read has one
/// right answer.
struct BlockOracle: ~Copyable {
    /// Whether blocks are proved at all.
    let isOn: Bool

    private let writes: Bool
    private let blocks: Int
    private let blockSize: Int
    private let region: DirectSite.Region
    /// In the headers of blocks that this slice writes.
    private let stamp: UInt64
    /// By block, how often this slice wrote it; the top bit says that the last write failed.
    private let generations: UnsafeMutablePointer<UInt32>
    /// By block, reads in flight, or `writing`.
    private let inFlight: UnsafeMutablePointer<UInt16>
    private let memory: MappedMemory

    private static let unknown: UInt32 = 1 << 31
    private static let writing = UInt16.max

    init(_ plan: DirectWorkload, _ region: DirectSite.Region, seed: UInt64) throws(PlumblineError) {
        isOn = plan.verifies
        writes = plan.access.writes
        blocks = plan.blocks
        blockSize = plan.blockSize
        self.region = region
        stamp = SplitMix64.mixed(region.layout.stamp &+ SplitMix64.mixed(seed | 1))
        let tableBlocks = isOn && writes ? plan.blocks : 1
        memory = try DirectMemory.map(bytes: tableBlocks * 6)
        let base = memory.bytes.baseAddress!
        generations = base.assumingMemoryBound(to: UInt32.self)
        inFlight = (base + tableBlocks * 4).assumingMemoryBound(to: UInt16.self)
    }

    /// Begins a slice: of blocks that others may have written since, nothing is known any more.
    func beginSlice() {
        guard isOn, writes, region.isShared else { return }
        generations.update(repeating: Self.unknown, count: blocks)
    }

    /// Takes a step's block, or the next one that nothing in flight forbids.
    ///
    /// - Returns: `nil` when all blocks are in flight.
    @inline(never)
    func claim(_ wanted: OffsetSequence.Step) -> OffsetSequence.Step? {
        guard writes else { return wanted }
        var step = wanted
        for _ in 0..<blocks {
            let state = inFlight[step.block]
            if state == 0 || !step.isWrite && state < Self.writing - 1 {
                inFlight[step.block] = step.isWrite ? Self.writing : state + 1
                return step
            }
            step.block = step.block + 1 == blocks ? 0 : step.block + 1
        }
        return nil
    }

    /// Fills a buffer with a claimed block's next generation.
    @inline(never)
    func fill(_ buffer: UnsafeMutableRawBufferPointer, block: Int) {
        header(block, generation: counted(block) + 1).fill(buffer)
    }

    /// Takes note of a claimed request's end, and proves what it read.
    @inline(never)
    func settle(
        _ step: OffsetSequence.Step, result: Int, buffer: UnsafeRawBufferPointer,
        _ found: inout VerificationCounts
    ) {
        let moved = UInt64(max(0, result))
        if step.isWrite {
            found.written += moved
            inFlight[step.block] = 0
            let next = counted(step.block) + 1
            generations[step.block] = result == blockSize ? next : next | Self.unknown
            return
        }
        found.read += moved
        if writes { inFlight[step.block] -= 1 }
        if result == blockSize { prove(step.block, holds: buffer, &found) }
    }

    /// Reads all blocks back, after the last write, and proves them; for at most 10 s.
    ///
    /// What cannot be read is lost, and counts as a failed or short read too.
    func readBack(
        _ file: borrowing DirectFile, _ worker: inout Worker
    ) throws(PlumblineError) {
        guard isOn, writes else { return }
        let together = max(1, (1 << 20) / blockSize)
        let buffer = try DirectMemory.map(bytes: together * blockSize)
        let end = Clock.monotonicNanoseconds() + 10_000_000_000
        for first in stride(from: 0, to: blocks, by: together) {
            let count = min(together, blocks - first)
            guard Clock.monotonicNanoseconds() < end else {
                worker.verification.unproven += UInt64((blocks - first) * blockSize)
                return
            }
            if (first..<first + count).allSatisfy({ expected($0) == nil }) { continue }
            let part = UnsafeMutableRawBufferPointer(
                rebasing: buffer.bytes[..<(count * blockSize)])
            let moved = read(into: part, at: offset(first), file, &worker.first)
            worker.verification.read += UInt64(moved)
            for i in 0..<count {
                guard (i + 1) * blockSize <= moved else {
                    worker.verification.corrupt(at: UInt64(offset(first + i)))
                    continue
                }
                let block = UnsafeRawBufferPointer(
                    rebasing: part[(i * blockSize)..<((i + 1) * blockSize)])
                prove(first + i, holds: block, &worker.verification)
            }
        }
    }

    /// Bytes read; none when it fails.
    private func read(
        into part: UnsafeMutableRawBufferPointer, at offset: Int, _ file: borrowing DirectFile,
        _ recorder: inout TrackRecorder
    ) -> Int {
        do {
            let moved = try file.descriptor.read(into: part, at: offset)
            if moved < part.count { recorder.note(Int32(clamping: moved)) }
            return moved
        } catch {
            recorder.fail(errno: error.rawValue)
            return 0
        }
    }

    private func prove(
        _ block: Int, holds buffer: UnsafeRawBufferPointer, _ found: inout VerificationCounts
    ) {
        guard let expected = expected(block) else {
            found.unproven += UInt64(blockSize)
            return
        }
        if expected.verdict(buffer) == .intact {
            found.proven += UInt64(blockSize)
        } else {
            found.corrupt(at: expected.offset)
        }
    }

    /// What a block must hold; `nil` when nobody knows.
    private func expected(_ block: Int) -> BlockHeader? {
        guard writes, generations[block] > 0 else {
            return region.isLaidOut ? region.layout.header(at: offset(block)) : nil
        }
        if generations[block] & Self.unknown != 0 { return nil }
        return header(block, generation: generations[block])
    }

    private func header(_ block: Int, generation: UInt32) -> BlockHeader {
        BlockHeader(
            offset: UInt64(offset(block)), generation: UInt64(generation), stamp: stamp)
    }

    private func counted(_ block: Int) -> UInt32 { generations[block] & ~Self.unknown }

    private func offset(_ block: Int) -> Int { region.layout.base + block * blockSize }
}
