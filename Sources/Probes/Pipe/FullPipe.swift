// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// A pipe of 64 KiB that holds all it can, and memory to write to it in vain.
struct FullPipe: ~Copyable {
    /// Pages of one write.
    static let pages = 16

    let pipe: Pipe
    let message: MappedMemory

    init(_ options: Pipe.Options = []) throws(Errno) {
        let pipe = try Pipe(options)
        let message = try MappedMemory(bytes: Self.pages * MappedMemory.pageSize)
        message.touch()
        try pipe.setSize(message.bytes.count)
        let written = try pipe.writer.write(UnsafeRawBufferPointer(message.bytes))
        guard written == message.bytes.count else { throw .outOfRange }
        self.pipe = pipe
        self.message = message
    }

    /// The same, for a probe, which is skipped without one.
    static func make(
        for host: ProbeHost, _ options: Pipe.Options = []
    ) throws(PlumblineError) -> FullPipe {
        try host.setUp("cannot fill a pipe of 64 KiB") { () throws(Errno) in
            try FullPipe(options)
        }
    }
}
