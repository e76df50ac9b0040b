// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage
import Workloads

/// Reads of one block of the file system with io_uring from a file there, 32 at a time.
struct DirectReads: ~Copyable {
    /// Reads in flight.
    static let depth = 32

    private let file: DirectFile
    private let ring: Ring
    private let buffers: MappedMemory
    /// Bytes of a read: one block, at most a page.
    private let block: Int
    private let blocks: Int

    /// Opens a file that has been filled.
    init(_ path: String, bytes: Int) throws(Errno) {
        let file = try DirectFile(path)
        let block = min(try file.descriptor.filesystem().blockBytes, MappedMemory.pageSize)
        let buffers = try MappedMemory(bytes: Self.depth * MappedMemory.pageSize)
        buffers.touch()
        let ring = try Ring.create(entries: UInt32(Self.depth))
        self.file = file
        self.buffers = buffers
        self.ring = ring
        self.block = block
        blocks = bytes / block
    }

    /// Makes a file whose bytes tell where they belong.
    static func fill(
        _ path: String, bytes: Int, with pattern: StreamPattern
    ) throws(Errno) {
        let file = try Descriptor.open(path, [.write, .create, .truncate])
        let memory = try MappedMemory(bytes: bytes)
        pattern.fill(memory.bytes, writer: 0, position: 0)
        try file.writeAll(UnsafeRawBufferPointer(memory.bytes))
        try file.sync()
    }

    /// A file for a probe, to be read; without direct I/O or io_uring there the probe is skipped.
    static func make(
        _ path: String, bytes: Int, _ host: ProbeHost
    ) throws(PlumblineError) -> DirectReads {
        try host.setUp("cannot read \(path) with direct I/O and io_uring") { () throws(Errno) in
            try fill(path, bytes: bytes, with: StreamPattern(seed: host.seed))
            return try DirectReads(path, bytes: bytes)
        }
    }

    /// Reads so many batches of `depth` blocks, from the file's start on, again and again.
    ///
    /// - Throws: `failure` with what the kernel says of a read, and for a short one.
    func read(batches: Int, _ path: String) throws(PlumblineError) {
        try attempting("cannot read \(path)") { () throws(Errno) in
            for batch in 0..<batches { try read(batch) }
        }
    }

    private func read(_ batch: Int) throws(Errno) {
        for slot in 0..<Self.depth {
            let place = (batch * Self.depth + slot) % blocks
            try ring.queue(
                .read(
                    .descriptor(file.descriptor.rawValue), into: buffer(slot), at: place * block,
                    userData: UInt64(slot)))
        }
        try finish()
    }

    private func buffer(_ slot: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            rebasing: buffers.bytes[
                slot * MappedMemory.pageSize..<slot * MappedMemory.pageSize + block])
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
                if result != block { throw .ioError }
            }
            ring.advance(ready)
            done += ready
        }
    }
}
