// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
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
        /// A directory.
        case directory
        /// A block device, or something else that no file can replace.
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

    /// What is there now; a link that leads nowhere is something too.
    var present: Present {
        switch FileHead.kind(of: place) {
        case .characterDevice, .pipe: .stream
        case .regular: .regular
        case .directory: .directory
        case nil: CacheFile(place) == nil ? .nothing : .other
        default: .other
        }
    }

    /// Makes and removes a file beside it.
    ///
    /// - Throws: what the file system says where it cannot be written.
    func tryOut() throws(Errno) {
        // Its own name may be too long.
        do { _ = try Descriptor.open(place, .place) } catch .noSuchFileOrDirectory {}
        removeAbandoned()
        _ = try makeDraft()
        try SystemFile.unlink(draft)
    }

    /// Writes the content into a file beside it, and gives that its name; into a stream at once.
    ///
    /// - Parameter replaces: whether a file that is there by now is replaced. The new one has its
    ///   permissions then; else those of the umask.
    /// - Throws: `fileExists`, and what the file system says; the file is as it was then.
    func write(_ text: String, replacing replaces: Bool) throws(Errno) {
        if case .stream = present { return try Descriptor.open(place, .write).writeAll(text) }
        removeAbandoned()
        let file = try makeDraft()
        do throws(Errno) {
            if replaces, let old = try? Descriptor.open(place, .place).facts() {
                try? file.setPermissions(old.permissions & 0o777)
            }
            try file.writeAll(text)
            try file.sync()
            try SystemFile.rename(draft, to: place, replacing: replaces)
        } catch {
            try? SystemFile.unlink(draft)
            throw error
        }
        // The name is on the disk once its directory is; some file systems cannot be asked for it.
        guard let directory = try? Descriptor.open(directory, .directory) else { return }
        do { try directory.sync() } catch .invalidArgument { return }
    }

    /// How an error of it is to be mended.
    static func remedy(for error: Errno) -> String {
        switch error {
        case .noSuchFileOrDirectory: "make its directory, or give another path"
        case .notDirectory: "give a path in a directory"
        case .permissionDenied, .notPermitted: "give a path in a directory that you may write to"
        case .readOnlyFileSystem: "give a path on a file system that is not read-only"
        case .noSpace, .diskQuotaExceeded: "make room there, or give another path"
        case .fileNameTooLong: "give a shorter path"
        case .fileTooLarge: "raise the limit of `ulimit -f`, or give another path"
        default: "give another path"
        }
    }

    /// The error of a file that cannot be written, before anything is done.
    static func refusal(of option: String, _ error: Errno) -> PlumblineError {
        let isMachine = [.noSpace, .diskQuotaExceeded, .ioError].contains(error)
        return PlumblineError(
            isMachine ? .failure : .usage, "\(option) cannot be written: \(error)",
            remedy: remedy(for: error))
    }

    private var directory: String {
        place.lastIndex(of: "/").map { String(place[...$0]) } ?? "./"
    }

    private static let draftPrefix = ".plumbline-"
    private static let draftSuffix = ".new"

    /// A number that no other run has.
    private let number = UInt64.random(in: 0 ... .max)

    /// Where the content is written before it gets its name: in the same directory.
    private var draft: String {
        directory + "\(Self.draftPrefix)\(number)\(Self.draftSuffix)"
    }

    /// Opens the draft and takes its lock, which says that it is in use.
    private func makeDraft() throws(Errno) -> Descriptor {
        for _ in 0..<8 {
            let file = try Descriptor.open(draft, [.write, .create, .exclusive], mode: 0o666)
            // Another run may take it for an abandoned one before it has its lock. Some file systems
            // have no locks.
            try? file.lockExclusively(withinMilliseconds: 500)
            if SystemFile.exists(draft) { return file }
        }
        throw .resourceBusy
    }

    /// Removes what killed runs left beside it.
    private func removeAbandoned() {
        for name in (try? SystemFile.list(directory)) ?? [] {
            guard name.hasPrefix(Self.draftPrefix), name.hasSuffix(Self.draftSuffix),
                let file = try? Descriptor.open(
                    directory + name, [.write, .nonblocking, .noFollow]),
                (try? file.lockExclusively()) != nil
            else { continue }
            try? SystemFile.unlink(directory + name)
        }
    }

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
    /// What a path leads to, which need not be readable; nil where there is nothing.
    static func kind(of path: String) -> FileFacts.Kind? {
        try? Descriptor.open(path, .place).facts().kind
    }

    /// The first bytes of a regular file, bad UTF-8 repaired; nil for another one, and for one that
    /// cannot be read.
    static func text(of path: String) -> String? {
        guard kind(of: path) == .regular, let file = try? Descriptor.open(path) else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
        defer { buffer.deallocate() }
        guard let count = try? file.read(into: buffer) else { return nil }
        return String(decoding: UnsafeRawBufferPointer(buffer)[..<count], as: UTF8.self)
    }
}
