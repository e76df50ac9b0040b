// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import Protocol
import SystemPackage

/// A page that somebody else holds must not be written to: it must not become the pipe's next page,
/// and a short write must not go into its rest. `tee(2)` put it into a second pipe, `splice(2)` moved
/// it there or brought it from a file, or `vmsplice(2)` lent one of this process.
enum PipeReferences: Probe {
    static let name = "pipe-references"

    private static let page = MappedMemory.pageSize
    /// Pages that are written after the one that is held.
    private static let later = 12

    static func run(
        on host: ProbeHost, into findings: inout ProbeFindings
    ) throws(PlumblineError) {
        for (words, check) in [
            ("tee(2)", tee), ("splice(2)", splice), ("vmsplice(2)", vmsplice),
            ("a short write after tee(2)", shortWrite),
            ("a short write after splice(2) from a file", shortWriteAfterFile),
        ] as [(String, (borrowing MappedMemory) throws(Errno) -> String?)] {
            try host.check()
            let fault = try attempting("\(words) failed") { () throws(Errno) in
                try check(MappedMemory(bytes: (later + 1) * page))
            }
            findings.count("\(words): checked", 1, unit: "")
            if let fault { findings.faults.append("\(words): \(fault)") }
        }
    }

    /// Bytes of a short write.
    private static let short = 100
    private static let wrongPage = "it went into a page of the other pipe"

    /// A part of a page is in two pipes; what each pipe gets then must not be seen in the other one.
    private static func shortWrite(_ memory: borrowing MappedMemory) throws(Errno) -> String? {
        let first = try Pipe()
        let second = try Pipe()
        try write(0, of: memory, to: first, count: short)
        try require(
            RawCall.tee(from: first.reader.rawValue, to: second.writer.rawValue, count: short),
            count: short)
        try write(1, of: memory, to: first, count: short)
        try write(2, of: memory, to: second, count: short)
        for number in [0, 1] {
            let found = try read(short, from: first)
            guard holds(found.bytes, number) else { return wrongPage }
        }
        for number in [0, 2] {
            let found = try read(short, from: second)
            guard holds(found.bytes, number) else { return wrongPage }
        }
        return nil
    }

    /// A part of a file's page is in a pipe whose slots were all in use; the next write must not go
    /// into the file.
    private static func shortWriteAfterFile(
        _ memory: borrowing MappedMemory
    ) throws(Errno) -> String? {
        let file = try Descriptor.inMemory(named: "plumbline-probe")
        fill(memory.bytes, with: 0)
        let contents = UnsafeRawBufferPointer(rebasing: memory.bytes[..<page])
        try file.writeAll(contents)
        let pipe = try Pipe()
        let slots = try pipe.size / page
        // Each slot has held a page that more could be written to.
        for _ in 0..<slots {
            try write(1, of: memory, to: pipe, count: short)
            _ = try read(short, from: pipe)
        }
        var offset: Int64 = 0
        try require(
            RawCall.splice(
                from: file.rawValue, inputOffset: &offset, to: pipe.writer.rawValue, count: short),
            count: short)
        try write(2, of: memory, to: pipe, count: short)
        let found = try MappedMemory(bytes: page)
        guard try file.read(into: found.bytes, at: 0) == page else { throw .ioError }
        return holds(found.bytes, 0) ? nil : "it went into the file"
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
        _ number: Int, of memory: borrowing MappedMemory, to pipe: borrowing Pipe,
        count: Int = page
    ) throws(Errno) {
        let part = UnsafeMutableRawBufferPointer(
            rebasing: memory.bytes[number * page..<(number + 1) * page])
        fill(part, with: number)
        try require(
            RawCall.write(pipe.writer.rawValue, from: part.baseAddress, count: count),
            count: count)
    }

    private static func read(_ count: Int, from pipe: borrowing Pipe) throws(Errno) -> MappedMemory
    {
        let memory = try MappedMemory(bytes: count)
        try require(
            RawCall.read(pipe.reader.rawValue, into: memory.bytes.baseAddress, count: count),
            count: count)
        return memory
    }

    private static func require(_ answer: Int, count: Int = page) throws(Errno) {
        if answer < 0 { throw Errno(rawValue: CInt(-answer)) }
        if answer != count { throw .ioError }
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
