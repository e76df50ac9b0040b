// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage

/// A page that somebody else still holds must not become the pipe's next page: one that `tee(2)`
/// put into a second pipe, one that `splice(2)` moved there, and one of this process that
/// `vmsplice(2)` lent.
enum PipeReferences: Probe {
    static let name = "pipe-references"

    private static let page = MappedMemory.pageSize
    /// Pages that are written after the one that is held.
    private static let later = 12

    static func run(on host: ProbeHost) throws(PlumblineError) -> ProbeFindings {
        var findings = ProbeFindings()
        for (words, check) in [
            ("tee", tee), ("splice", splice), ("vmsplice", vmsplice),
        ] as [(String, (borrowing MappedMemory) throws(Errno) -> String?)] {
            try host.check()
            let fault = try attempting("\(words) failed") { () throws(Errno) in
                try check(MappedMemory(bytes: (later + 1) * page))
            }
            findings.count("\(words): pages written beside", Double(later), unit: "pages")
            if let fault { findings.faults.append("\(words): \(fault)") }
        }
        return findings
    }

    /// One page is in two pipes; the first pipe gives its own back and takes others.
    private static func tee(_ memory: borrowing MappedMemory) throws(Errno) -> String? {
        let first = try Pipe()
        let second = try Pipe()
        try write(0, of: memory, to: first)
        try require(
            RawCall.tee(from: first.reader.rawValue, to: second.writer.rawValue, count: page))
        return try useAgain(first, memory, andExpectIn: second)
    }

    /// A page moves to a second pipe; the first pipe takes others.
    private static func splice(_ memory: borrowing MappedMemory) throws(Errno) -> String? {
        let first = try Pipe()
        let second = try Pipe()
        try write(0, of: memory, to: first)
        try write(1, of: memory, to: first)
        try require(
            RawCall.splice(from: first.reader.rawValue, to: second.writer.rawValue, count: page))
        return try useAgain(first, memory, andExpectIn: second)
    }

    /// A page of this process goes through a pipe, which must not write to it.
    private static func vmsplice(_ memory: borrowing MappedMemory) throws(Errno) -> String? {
        let pipe = try Pipe()
        let own = try MappedMemory(bytes: page)
        fill(own.bytes, with: 0)
        try require(
            RawCall.vmsplice(
                own.bytes.baseAddress, count: page, into: pipe.writer.rawValue, isGift: false))
        _ = try read(page, from: pipe)
        for number in 1...later {
            try write(number, of: memory, to: pipe)
            _ = try read(page, from: pipe)
        }
        return holds(own.bytes, 0) ? nil : "the pipe wrote to a page that was lent to it"
    }

    private static func useAgain(
        _ first: borrowing Pipe, _ memory: borrowing MappedMemory,
        andExpectIn second: borrowing Pipe
    ) throws(Errno) -> String? {
        _ = try read(page, from: first)
        for number in 1...later {
            try write(number, of: memory, to: first)
            let found = try read(page, from: first)
            guard holds(found.bytes, number) else { return "the first pipe gave wrong bytes" }
        }
        let found = try read(page, from: second)
        return holds(found.bytes, 0) ? nil : "a page in the second pipe was written to"
    }

    private static func write(
        _ number: Int, of memory: borrowing MappedMemory, to pipe: borrowing Pipe
    ) throws(Errno) {
        let part = UnsafeMutableRawBufferPointer(
            rebasing: memory.bytes[number * page..<(number + 1) * page])
        fill(part, with: number)
        try require(RawCall.write(pipe.writer.rawValue, from: part.baseAddress, count: page))
    }

    private static func read(_ count: Int, from pipe: borrowing Pipe) throws(Errno) -> MappedMemory
    {
        let memory = try MappedMemory(bytes: count)
        try require(
            RawCall.read(pipe.reader.rawValue, into: memory.bytes.baseAddress, count: count))
        return memory
    }

    private static func require(_ answer: Int) throws(Errno) {
        if answer < 0 { throw Errno(rawValue: CInt(-answer)) }
        if answer != page { throw .ioError }
    }

    private static func fill(_ bytes: UnsafeMutableRawBufferPointer, with number: Int) {
        for index in bytes.indices {
            bytes[index] = UInt8(truncatingIfNeeded: index &+ number * 7 + 1)
        }
    }

    private static func holds(_ bytes: UnsafeMutableRawBufferPointer, _ number: Int) -> Bool {
        bytes.indices.allSatisfy {
            bytes[$0] == UInt8(truncatingIfNeeded: $0 &+ number * 7 + 1)
        }
    }
}
