// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// Reads of 4 KiB with io_uring from a file on a prepared storage, 32 at a time.
struct DirectReads: ~Copyable {
    /// Bytes of a read.
    static let block = 4096
    /// Reads in flight.
    static let depth = 32

    private let file: DirectFile
    private let ring: Ring
    private let buffers: MappedMemory
    private let blocks: Int

    /// Opens a file that has been filled.
    init(_ path: String, bytes: Int) throws(Errno) {
        let file = try DirectFile(path)
        let buffers = try MappedMemory(bytes: Self.depth * Self.block)
        let ring = try Ring.create(entries: UInt32(Self.depth))
        buffers.touch()
        self.file = file
        self.buffers = buffers
        self.ring = ring
        blocks = bytes / Self.block
    }

    /// Fills a file with bytes that are not zero.
    static func fill(_ path: String, bytes: Int) throws(Errno) {
        let file = try Descriptor.open(path, [.write, .create, .truncate])
        let memory = try MappedMemory(bytes: 1 << 20)
        for index in memory.bytes.indices {
            memory.bytes[index] = UInt8(truncatingIfNeeded: index | 1)
        }
        for _ in 0..<(bytes >> 20) { try file.writeAll(UnsafeRawBufferPointer(memory.bytes)) }
        try file.sync()
    }

    /// Reads so many batches of `depth` blocks, from the file's start on, again and again.
    ///
    /// - Throws: what the kernel says of a read; `ioError` for a short one.
    func read(batches: Int) throws(Errno) {
        for batch in 0..<batches {
            for slot in 0..<Self.depth {
                let place = (batch * Self.depth + slot) % blocks
                try ring.queue(
                    .read(
                        .descriptor(file.descriptor.rawValue), into: buffer(slot),
                        at: place * Self.block, userData: UInt64(slot)))
            }
            try finish()
        }
    }

    private func buffer(_ slot: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            rebasing: buffers.bytes[slot * Self.block..<(slot + 1) * Self.block])
    }

    private func finish() throws(Errno) {
        var done = 0
        while done < Self.depth {
            do throws(Errno) { try ring.submitAndWait(Self.depth - done) } catch {
                if error != .interrupted { throw error }
            }
            let ready = ring.ready
            for index in 0..<ready {
                let result = ring.completion(index).result
                if result < 0 { throw Errno(rawValue: -result) }
                if result != Self.block { throw .ioError }
            }
            ring.advance(ready)
            done += ready
        }
    }
}
