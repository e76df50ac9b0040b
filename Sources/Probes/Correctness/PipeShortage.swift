// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Machine
import Protocol
import SystemPackage
import Workloads

/// Has the first allocation of a write fail, then the second, and so on: the write may come short or
/// fail with ENOMEM, and what it says that it wrote is in the pipe.
enum PipeShortage: Probe {
    static let name = "pipe-enomem"

    private static let pages = [1, 2, 8, 16]
    /// More than any write allocates.
    private static let most = 200

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        do throws(PlumblineError) { try FailNth.require() } catch {
            return .skipped("this kernel cannot fail an allocation on demand: use one with +debug")
        }
        var findings = ProbeFindings()
        for pages in pages {
            try host.check()
            try attempting("cannot have allocations fail") { () throws(Errno) in
                try check(pages, &findings)
            }
        }
        return findings
    }

    private static func check(_ pages: Int, _ findings: inout ProbeFindings) throws(Errno) {
        let bytes = pages * MappedMemory.pageSize
        let output = try MappedMemory(bytes: bytes)
        let input = try MappedMemory(bytes: bytes)
        for index in output.bytes.indices {
            output.bytes[index] = UInt8(truncatingIfNeeded: index / 7)
        }
        input.touch()
        let fault = try FailNth()
        var failures = 0
        let words = ProbeCountNames.words(pages)
        for number in 1...most {
            let pipe = try Pipe()
            try fault.arm(number)
            let sent = RawCall.write(
                pipe.writer.rawValue, from: output.bytes.baseAddress, count: bytes)
            guard try fault.disarm() else { break }
            failures += 1
            findings.require(
                sent > 0 || sent == -Int(Errno.noMemory.rawValue),
                "a write of \(words), allocation \(number) failed: it answered \(sent)")
            let readable = try pipe.readableBytes
            findings.require(
                readable == max(0, sent),
                "a write of \(words), allocation \(number) failed: it answered \(sent), and "
                    + "\(readable) bytes are in the pipe")
            guard sent > 0 else { continue }
            let got = RawCall.read(
                pipe.reader.rawValue, into: input.bytes.baseAddress, count: bytes)
            findings.require(
                got == sent
                    && (0..<sent).allSatisfy { input.bytes[$0] == output.bytes[$0] },
                "a write of \(words), allocation \(number) failed: wrong bytes came out")
        }
        findings.count("a write of \(words): allocations that failed", Double(failures), unit: "")
    }
}

/// The same for direct reads of a file: a read may come short or fail with ENOMEM.
enum DirectShortage: Probe {
    static let name = "dio-enomem"

    private static let block = 4096
    private static let most = 200

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        do throws(PlumblineError) { try FailNth.require() } catch {
            return .skipped("this kernel cannot fail an allocation on demand: use one with +debug")
        }
        var findings = ProbeFindings()
        try host.eachCompletion { (directory, words) throws(PlumblineError) in
            let path = "\(directory)/plumbline-probe-enomem"
            defer { try? SystemFile.unlink(path) }
            try attempting("cannot have allocations fail") { () throws(Errno) in
                try DirectReads.fill(path, bytes: 1 << 20)
                try check(path, into: &findings, as: words)
            }
        }
        return findings
    }

    private static func check(
        _ path: String, into findings: inout ProbeFindings, as words: String
    ) throws(Errno) {
        let file = try DirectFile(path)
        let right = try MappedMemory(bytes: 8 * block)
        _ = try file.descriptor.read(into: right.bytes, at: 0)
        let memory = try MappedMemory(bytes: 8 * block)
        memory.touch()
        let fault = try FailNth()
        for blocks in [1, 8] {
            let count = blocks * block
            var failures = 0
            for number in 1...most {
                try fault.arm(number)
                let got = RawCall.read(
                    file.descriptor.rawValue, into: memory.bytes.baseAddress, count: count, at: 0)
                guard try fault.disarm() else { break }
                failures += 1
                findings.require(
                    got > 0 || got == -Int(Errno.noMemory.rawValue),
                    "\(words): a read of \(count) bytes, allocation \(number) failed: it answered "
                        + "\(got)")
                findings.require(
                    (0..<max(0, got)).allSatisfy { memory.bytes[$0] == right.bytes[$0] },
                    "\(words): a read of \(count) bytes, allocation \(number) failed: wrong bytes")
            }
            findings.count(
                "\(words): allocations of a read of \(count) bytes that failed", Double(failures),
                unit: "")
        }
    }
}
