// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Memory for direct I/O.
enum DirectMemory {
    /// Pages that are there, and stay where the limit allows it.
    static func map(bytes: Int) throws(PlumblineError) -> MappedMemory {
        let memory: MappedMemory
        do { memory = try MappedMemory(bytes: bytes) } catch {
            throw .failure(
                "dio: no memory for \(ByteSize(bytes)) of buffers: \(error)",
                remedy: "set a smaller iodepth, bs or numjobs")
        }
        memory.touch()
        try? memory.lock()
        return memory
    }
}
