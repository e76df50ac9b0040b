// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// What the hogs do: always the same, or their method would be part of what is measured.
enum Churn {
    private static let chunk = 256 << 10

    /// Opens a file without a name, all of it a hole, on a file system with a page cache.
    ///
    /// Reading a hole fills the page cache as reading data does and asks no disk, so that the
    /// file takes no space and the pressure does not depend on the disk's speed.
    ///
    /// - Throws: `usage` for a directory in memory, whose pages cannot be reclaimed.
    static func openFile(
        size: Int, directory: String, changes: ChangeStack
    ) throws(PlumblineError) -> Descriptor {
        let remedy = "set directory= to one on a disk"
        let facts = try attempting("cannot open \(directory)", remedy: remedy) {
            () throws(Errno) in
            try Descriptor.open(directory, .directory).filesystem()
        }
        guard !facts.isInMemory else {
            throw .usage(
                "\(directory) is on \(facts.name), whose pages cannot be reclaimed", remedy: remedy)
        }
        let file = try open(directory, changes)
        try attempting("cannot make a file of \(ByteSize(size)) in \(directory)", remedy: remedy) {
            () throws(Errno) in
            try file.truncate(to: size)
        }
        return file
    }

    private static func open(
        _ directory: String, _ changes: ChangeStack
    ) throws(PlumblineError) -> Descriptor {
        if let file = try? Descriptor.open(directory, [.readWrite, .temporary], mode: 0o600) {
            return file
        }
        // Not every file system has files without a name: make one and take its name away.
        let path = "\(DataDirectory.absolute(directory))/plumbline-churn-\(ChildProcess.currentID)"
        let number = try changes.make(.removeFile(path: path)) {}
        let file = try attempting("cannot make \(path)", remedy: "give a directory of yours") {
            () throws(Errno) in
            try Descriptor.open(path, [.readWrite, .create, .exclusive], mode: 0o600)
        }
        changes.undo(number)
        return file
    }

    /// Reads a file from end to end for ever; ready once `warm` bytes are read.
    ///
    /// Hogs start at even distances, so that none finds what another has just read.
    static func readForever(
        _ file: borrowing Descriptor, size: Int, warm: Int, hogs: Int, report: HogReport
    ) throws(Errno) {
        let buffer = try MappedMemory(bytes: chunk)
        var offset = size / hogs * report.index / chunk * chunk
        var done = 0
        while true {
            let count = try file.read(into: buffer.bytes, at: offset)
            offset = count < chunk ? 0 : offset + count
            if count == 0, done == 0, offset == 0 { throw .noData }
            report.add(bytes: count)
            if done < warm {
                done += count
                if done >= warm { report.setReady() }
            }
        }
    }

    /// Fills memory and writes to each page in turn for ever; ready once it is filled.
    ///
    /// A page is a quarter random words and else zeros: what it compresses to in zram is then
    /// about a quarter, always.
    static func dirtyForever(bytes: Int, report: HogReport) throws(Errno) {
        let memory = try MappedMemory(bytes: bytes)
        fill(memory.bytes, report: report)
        report.setReady()
        while true {
            // The value, not a pointer taken before the loop, keeps the memory mapped.
            for page in stride(from: 0, to: bytes - 8, by: MappedMemory.pageSize) {
                let count = memory.bytes.load(fromByteOffset: page, as: UInt64.self)
                memory.bytes.storeBytes(of: count &+ 1, toByteOffset: page, as: UInt64.self)
            }
            report.add(bytes: bytes)
        }
    }

    /// Computes in registers for ever.
    ///
    /// One number in 2^64 is 0, so that the compiler cannot know that the loop does nothing.
    static func burnForever(report: HogReport) {
        report.setReady()
        var generator = SplitMix64(seed: UInt64(report.index))
        while true { while generator.next() != 0 {} }
    }

    /// The same words in every page, which a compressor never sees together, and the page's number.
    private static func fill(_ memory: UnsafeMutableRawBufferPointer, report: HogReport) {
        var generator = SplitMix64(seed: UInt64(report.index))
        let words = (0..<MappedMemory.pageSize / 4 / 8).map { _ in generator.next() }
        words.withUnsafeBytes { quarter in
            for page in stride(from: 0, to: memory.count, by: MappedMemory.pageSize) {
                let room = UnsafeMutableRawBufferPointer(rebasing: memory[page...])
                let count = min(quarter.count, room.count)
                room.copyMemory(from: UnsafeRawBufferPointer(rebasing: quarter[..<count]))
                if count >= 8 { room.storeBytes(of: UInt64(page), as: UInt64.self) }
                report.add(bytes: MappedMemory.pageSize)
            }
        }
    }
}
