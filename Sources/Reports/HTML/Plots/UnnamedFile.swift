// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Linux
import SystemPackage

/// A file without a name, which goes with this process: nothing remains of it after a kill either.
struct UnnamedFile: ~Copyable {
    private let file: Descriptor

    /// An empty file in TMPDIR, else in /tmp.
    init() throws(Errno) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let name =
            "\(parent.hasPrefix("/") ? parent : "/tmp")/plumbline-\(UInt64.random(in: 0 ... .max))"
        file = try Self.open(name)
    }

    private static func open(_ name: String) throws(Errno) -> Descriptor {
        let file = try Descriptor.open(name, [.readWrite, .create, .exclusive], mode: 0o600)
        try SystemFile.unlink(name)
        return file
    }

    /// A name by which this process and its children can open it while it is here.
    var path: String { "/proc/\(ChildProcess.currentID)/fd/\(file.rawValue)" }

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
