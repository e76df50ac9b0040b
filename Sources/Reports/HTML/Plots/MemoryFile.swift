// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// A file in memory, which goes with this process: nothing remains of it after a kill either, and it
/// needs no directory.
struct MemoryFile: ~Copyable {
    private let file: Descriptor

    /// An empty file.
    init() throws(Errno) { file = try Descriptor.inMemory(named: "plumbline-plots") }

    /// A name by which this process and its children can open it while it is here.
    var path: String { "/proc/\(ChildProcess.currentID)/fd/\(file.rawValue)" }

    /// Bytes in it.
    var size: Int { get throws(Errno) { try file.facts().size } }

    /// Adds a text.
    borrowing func write(_ text: String) throws(Errno) { try file.writeAll(text) }

    /// Starts a program whose output goes into the file.
    borrowing func spawn(_ arguments: [String]) throws(Errno) -> ChildProcess {
        try Command.spawn(arguments, output: file)
    }

    /// All that is in it.
    ///
    /// - Throws: `fileTooLarge` past 64 MiB.
    borrowing func content() throws(Errno) -> [UInt8] {
        try Descriptor.open(path).readAll(limit: 64 << 20)
    }
}
