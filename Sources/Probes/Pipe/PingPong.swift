// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// A pipe that one thread writes to and reads from in turn.
struct PingPong: ~Copyable {
    private let pipe: Pipe
    private let output: MappedMemory
    private let input: MappedMemory

    /// A pipe of 1 MiB with buffers of so many pages.
    init(pages: Int) throws(Errno) {
        let bytes = pages * MappedMemory.pageSize
        let pipe = try Pipe()
        let output = try MappedMemory(bytes: bytes)
        let input = try MappedMemory(bytes: bytes)
        try pipe.setSize(1 << 20)
        output.touch()
        input.touch()
        self.pipe = pipe
        self.output = output
        self.input = input
    }

    /// The same, for a probe, which is skipped without one.
    static func make(pages: Int, _ host: ProbeHost) throws(PlumblineError) -> PingPong {
        try host.setUp("cannot make a pipe of 1 MiB") { () throws(Errno) in
            try PingPong(pages: pages)
        }
    }

    /// Changes the pipe's size, bytes: as many as an exchange, at least.
    func setSize(_ bytes: Int, _ host: ProbeHost) throws(PlumblineError) {
        _ = try host.setUp("cannot give a pipe \(bytes) bytes") { () throws(Errno) in
            try pipe.setSize(bytes)
        }
    }

    /// Writes and reads once.
    ///
    /// - Throws: `failure` for a short write or read.
    func exchange() throws(PlumblineError) {
        do throws(Errno) {
            let written = try pipe.writer.write(UnsafeRawBufferPointer(output.bytes))
            let read = try pipe.reader.read(into: input.bytes)
            guard written == output.bytes.count, read == written else {
                throw .outOfRange
            }
        } catch {
            throw .failure("a write of \(output.bytes.count) bytes or its read failed: \(error)")
        }
    }
}
