// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Kernels
import Linux
import SystemPackage

/// A file that gets its whole content, or stays as it was.
struct WholeFile {
    /// What is at its path.
    enum Present {
        /// Nothing.
        case nothing
        /// A file with contents.
        case regular
        /// A device or a pipe, which is written to and never replaced.
        case stream
        /// A directory, or something else that no file can replace.
        case other
    }

    /// The path as it was given.
    let path: String
    /// The path without symbolic links: one file has one.
    let place: String

    /// The file of a path; nothing is opened yet.
    init(_ path: String) {
        self.path = path
        place = Self.place(of: path)
    }

    /// What is there now.
    var present: Present {
        switch FileHead.kind(of: place) {
        case .characterDevice, .pipe: .stream
        case .regular: .regular
        case nil: SystemFile.exists(place) ? .other : .nothing
        default: .other
        }
    }

    /// Makes and removes a file beside it.
    ///
    /// - Throws: what the file system says where it cannot be written.
    func tryOut() throws(Errno) {
        _ = try Descriptor.open(draft, [.write, .create, .exclusive])
        try SystemFile.unlink(draft)
    }

    /// Writes the content into a file beside it, and gives that its name; into a stream at once.
    ///
    /// - Throws: what the file system says; the file is as it was then.
    func write(_ text: String) throws(Errno) {
        if case .stream = present { return try Descriptor.open(place, .write).writeAll(text) }
        do throws(Errno) {
            let file = try Descriptor.open(draft, [.write, .create, .exclusive])
            try file.writeAll(text)
            try file.sync()
            guard rename(draft, place) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            try? SystemFile.unlink(draft)
            throw error
        }
    }

    /// Where the content is written before it gets its name: in the same directory.
    private var draft: String { "\(place).\(ChildProcess.currentID).new" }

    /// A path with its links resolved, whether the file exists or not.
    static func place(of path: String) -> String {
        if let real = CacheFile.resolved(path) { return real }
        guard let slash = path.lastIndex(of: "/") else { return place(of: "./\(path)") }
        let directory = path[..<slash]
        guard let real = CacheFile.resolved(directory.isEmpty ? "/" : String(directory)) else {
            return path
        }
        return (real == "/" ? "" : real) + path[slash...]
    }
}

/// How a file begins, without reading all of it.
enum FileHead {
    /// What a path leads to; nil where it cannot be opened.
    static func kind(of path: String) -> FileFacts.Kind? {
        try? Descriptor.open(path, [.read, .nonblocking]).facts().kind
    }

    /// The first bytes of a regular file, bad UTF-8 repaired; nil for another one.
    static func text(of path: String) -> String? {
        guard kind(of: path) == .regular, let file = try? Descriptor.open(path) else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
        defer { buffer.deallocate() }
        guard let count = try? file.read(into: buffer) else { return nil }
        return String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
    }
}
