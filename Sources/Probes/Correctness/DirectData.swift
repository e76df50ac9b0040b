// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage

/// What direct reads and writes of a file answer, and whether the bytes are right: with `pread(2)`
/// and io_uring, of one block and of many, at the file's end and past it, misaligned.
enum DirectData: Probe {
    static let name = "dio-data"

    private static let block = 4096
    private static let blocks = 64
    /// The file ends in the middle of a block.
    private static let size = blocks * block + 512

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        var findings = ProbeFindings()
        try host.eachCompletion { (directory, words) throws(PlumblineError) in
            let path = "\(directory)/plumbline-probe-data"
            defer { try? SystemFile.unlink(path) }
            try attempting("\(words): direct I/O failed") { () throws(Errno) in
                try check(path, into: &findings, as: words)
            }
        }
        return findings
    }

    private static func check(
        _ path: String, into findings: inout ProbeFindings, as words: String
    ) throws(Errno) {
        let file = try DirectFile(path, [.readWrite, .create, .truncate])
        let memory = try MappedMemory(bytes: 16 * block)
        // Written with direct I/O, but for the odd end.
        for place in stride(from: 0, to: blocks, by: 16) {
            for index in memory.bytes.indices { memory.bytes[index] = byte(place * block + index) }
            let sent = try file.descriptor.write(
                UnsafeRawBufferPointer(memory.bytes), at: place * block)
            findings.require(sent == 16 * block, "\(words): a write answered \(sent)")
        }
        let end = try Descriptor.open(path, [.write, .append])
        let tail = (0..<512).map { byte(blocks * block + $0) }
        let sent = tail.withUnsafeBytes { bytes in
            RawCall.write(end.rawValue, from: bytes.baseAddress, count: bytes.count)
        }
        findings.require(sent == tail.count, "\(words): a write of the end answered \(sent)")
        try end.sync()
        var reads: [Way: Int] = [:]
        for (offset, count) in [
            (0, block), (3 * block, 8 * block), (63 * block, block), (63 * block, 4 * block),
            (64 * block, block), (65 * block, block),
        ] {
            let must = max(0, min(count, size - offset))
            for way in Way.allCases {
                for index in memory.bytes.indices { memory.bytes[index] = 0 }
                let part = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<count])
                guard let got = try way.read(file, into: part, at: offset) else { continue }
                reads[way, default: 0] += 1
                findings.require(
                    got == must,
                    "\(words): \(way.rawValue) of \(count) bytes at \(offset) of \(size) answered "
                        + "\(got), and must \(must)")
                let wrong = (0..<max(0, min(got, must))).first { part[$0] != byte(offset + $0) }
                findings.require(
                    wrong == nil, "\(words): \(way.rawValue) gave a wrong byte at \(wrong ?? 0)")
            }
        }
        let odd = RawCall.read(
            file.descriptor.rawValue, into: memory.bytes.baseAddress, count: block, at: 100)
        findings.require(
            odd == -Int(Errno.invalidArgument.rawValue),
            "\(words): a misaligned read answered \(odd), and must EINVAL")
        for way in Way.allCases {
            findings.count("\(words): \(way.rawValue)", Double(reads[way] ?? 0), unit: "reads")
        }
    }

    /// A way to read.
    private enum Way: String, CaseIterable {
        case synchronous = "pread"
        case ring = "io_uring"
        case polled = "polled io_uring"

        /// - Returns: the bytes, or a negative errno; nil for a device without a queue to poll.
        func read(
            _ file: borrowing DirectFile, into part: UnsafeMutableRawBufferPointer, at offset: Int
        ) throws(Errno) -> Int? {
            if self == .synchronous {
                return RawCall.read(
                    file.descriptor.rawValue, into: part.baseAddress, count: part.count, at: offset)
            }
            let ring = try Ring.create(
                entries: 1, wanted: self == .polled ? [.ioPoll] : Ring.Flags.preferred)
            try ring.queue(
                .read(.descriptor(file.descriptor.rawValue), into: part, at: offset))
            while ring.ready == 0 { try ring.submitAndWait(1) }
            let result = Int(ring.completion(0).result)
            ring.advance(1)
            if self == .polled, result == -Int(Errno.notSupportedOnSocket.rawValue) { return nil }
            return result
        }
    }

    /// The file's byte at an offset; two blocks differ everywhere.
    private static func byte(_ offset: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: offset &+ (offset / block) &* 37 &+ 1)
    }
}
