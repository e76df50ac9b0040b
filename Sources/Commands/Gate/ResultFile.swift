// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Glibc
import Kernels
import Linux
import Reports
import SystemPackage

/// A file of results for a CI system: it gets its whole content, or is not there.
struct ResultFile {
    /// The format, and the option that names the file.
    struct Kind {
        let option: String
        let format: ReportFormat
        /// How a file of this format begins.
        let beginning: String

        static let junit = Kind(option: "--junit", format: .junit, beginning: "<?xml ")
        static let ktap = Kind(option: "--ktap", format: .ktap, beginning: "KTAP version 1\n")
        static let tmt = Kind(option: "--tmt", format: .tmt, beginning: "- name:")
    }

    let kind: Kind
    /// The path as it was given.
    let path: String
    /// The path without symbolic links: one file has one.
    let place: String
    /// Whether it is a device or a pipe, which is written to and never replaced.
    private let isStream: Bool

    /// Looks at a path before anything is measured.
    ///
    /// - Throws: `usage` for a path that cannot be written, and for a file with other content.
    init(_ kind: Kind, at path: String) throws(PlumblineError) {
        self.kind = kind
        self.path = path
        place = Self.place(of: path)
        let other = PlumblineError.usage(
            "\(kind.option) \(path) exists and is not a \(kind.format.name) file",
            remedy: "remove it, or give another path")
        switch FileHead.kind(of: place) {
        case .characterDevice, .pipe: isStream = true
        case .regular:
            isStream = false
            guard let head = FileHead.text(of: place) else { throw other }
            guard head.isEmpty || head.hasPrefix(kind.beginning) else { throw other }
        case nil where !SystemFile.exists(place): isStream = false
        default: throw other
        }
        guard !isStream else { return }
        do throws(Errno) {
            _ = try Descriptor.open(draft, [.write, .create, .exclusive])
            try SystemFile.unlink(draft)
        } catch {
            throw .usage(
                "\(kind.option) \(path) cannot be written: \(error)",
                remedy: "give a path in a directory that you may write to")
        }
    }

    /// Removes an old file of the format, so that a run that fails leaves no results of another.
    /// Where a link leads to it, it is left empty.
    ///
    /// - Throws: `failure` when it cannot be removed.
    func removeOld() throws(PlumblineError) {
        guard !isStream, FileHead.text(of: place)?.hasPrefix(kind.beginning) == true else { return }
        do throws(Errno) {
            try SystemFile.unlink(place)
            // A link to the file stays one: the next run would replace a link that leads nowhere.
            if Self.place(of: path) != place {
                _ = try Descriptor.open(place, [.write, .create, .exclusive])
            }
        } catch {
            throw .failure(
                "\(kind.option): cannot remove the old \(path): \(error)",
                remedy: "remove it, or give another path")
        }
    }

    /// Writes the report.
    ///
    /// - Throws: `failure` when it cannot be written.
    func write(_ report: some Report) throws(PlumblineError) {
        let text = try kind.format.renderer.render(report, style: .plain)
        do throws(Errno) {
            guard !isStream else {
                return try Descriptor.open(place, .write).writeAll(text)
            }
            let file = try Descriptor.open(draft, [.write, .create, .exclusive])
            try file.writeAll(text)
            try file.sync()
            guard rename(draft, place) == 0 else { throw Errno(rawValue: errno) }
        } catch {
            if !isStream { try? SystemFile.unlink(draft) }
            throw .failure(
                "cannot write \(path): \(error)",
                remedy: "the journal has all that was measured: see `plumbline report --help`")
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
