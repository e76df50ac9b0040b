// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// Memory of a worker: pages that are there, and stay where the limit allows it.
enum WorkerMemory {
    /// - Parameter remedy: the settings to lower.
    static func map(bytes: Int, remedy: String) throws(PlumblineError) -> MappedMemory {
        let memory: MappedMemory
        do { memory = try MappedMemory(bytes: bytes) } catch {
            throw .failure(
                "cannot allocate \(ByteSize(bytes)) of buffers: \(error)", remedy: remedy)
        }
        memory.touch()
        try? memory.lock()
        return memory
    }
}

/// Memory for direct I/O.
enum DirectMemory {
    static func map(bytes: Int) throws(PlumblineError) -> MappedMemory {
        try WorkerMemory.map(bytes: bytes, remedy: "set a smaller iodepth, bs or numjobs")
    }
}
