// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Protocol
import SystemPackage

/// What the foreign programs of a suite add to a guest's initramfs: the programs with what they
/// cannot start without, and the files that the suite names.
///
/// A path keeps its place. What has a relative one is below `directory`, in which programs run.
struct ProgramContents: Sendable, Equatable {
    /// Where programs run in a guest: relative paths go on from there.
    static let directory = GuestDirectories.programs
    /// The most bytes of all files.
    static let sizeLimit = 512 << 20
    /// The most files and symbolic links.
    static let countLimit = 20_000
    /// Directories of a guest's PATH.
    static let searchPath = Set(GuestDirectories.searchPath.split(separator: ":").map(String.init))

    /// The path on this machine of each file, by its path in the guest.
    private(set) var files: [String: String] = [:]
    /// Symbolic links by their path in the guest, and where they point to.
    private(set) var links: [String: String] = [:]
    /// Directories that are there without files: that in which programs run.
    var directories: [String] { files.isEmpty ? [] : [Self.directory] }
    /// Bytes of all files.
    private(set) var size = 0

    /// Nothing.
    init() {}

    /// - Parameter searchPath: PATH, where programs without a slash are looked up.
    /// - Throws: `usage` for what is missing, cannot be executed, or is for another processor, and
    ///   where all of it is too much.
    init(for suite: SuiteRecord, searchPath: String) throws(PlumblineError) {
        for cell in suite.cells {
            guard let program = cell.program else { continue }
            do throws(PlumblineError) {
                try add(program: program.command, searchPath)
                for path in program.files { try add(given: path, searchPath) }
            } catch {
                throw error.at(cell.label)
            }
        }
        guard !files.isEmpty else { return }
        // With it the loader finds libraries where it does on this machine.
        let cache = "/etc/ld.so.cache"
        if SystemFile.exists(cache) { try add(cache, from: cache) }
    }

    private mutating func add(
        program command: [String], _ searchPath: String
    ) throws(PlumblineError) {
        let found: ProgramFiles
        do throws(ProgramFiles.Problem) {
            found = try ProgramFiles(of: command[0], searchPath: searchPath, machine: .x86)
        } catch { throw error.error(running: command, at: "the guest") }
        try add(found)
    }

    private mutating func add(_ found: ProgramFiles) throws(PlumblineError) {
        let isRelative = !found.program.hasPrefix("/")
        for path in found.paths {
            try add(placed: path, hasLinks: true)
            if isRelative { try addBesides(path, of: found.program) }
            // What PATH has here and not in the guest.
            let (directory, base) = Self.split(path)
            if directory.hasPrefix("/"), !Self.searchPath.contains(directory),
                !base.contains(".so")
            {
                links["/usr/local/bin/\(base)"] = path
            }
        }
    }

    /// A library in the directory of a program that has a relative path: the loader looks for it
    /// beside the program in the guest too.
    private mutating func addBesides(_ path: String, of program: String) throws(PlumblineError) {
        guard path != program, let here = try? SystemFile.resolve("."),
            path.hasPrefix("\(here)/")
        else { return }
        try add(Self.normal("\(Self.directory)/\(path.dropFirst(here.count + 1))"), from: path)
    }

    /// A file or a directory that a suite names; of one that can be executed, what it needs too.
    private mutating func add(
        given path: String, _ searchPath: String
    ) throws(PlumblineError) {
        let facts: FileFacts
        do { facts = try Descriptor.open(path, .place).facts() } catch {
            throw .usage(
                "there is no file '\(path.printable)' for the guest (\(error))",
                remedy: "check the path in files:")
        }
        switch facts.kind {
        case .regular:
            try add(placed: path, hasLinks: false)
            guard facts.permissions & 0o111 != 0,
                (try? ELFFile(readingFrom: path)) != nil || Self.isScript(path)
            else { return }
            let found: ProgramFiles
            do throws(ProgramFiles.Problem) {
                let name = path.contains("/") ? path : "./\(path)"
                found = try ProgramFiles(of: name, searchPath: searchPath, machine: .x86)
            } catch .notAProgram { return } catch { throw error.error(at: "the guest") }
            try add(found)
        case .directory:
            let names: [String]
            do { names = try SystemFile.list(path) } catch {
                throw .usage("cannot read '\(path.printable)' for the guest: \(error)")
            }
            let root = Root(
                real: (try? SystemFile.resolve(path)) ?? path, place: Self.place(of: path))
            for name in names { try add("\(path)/\(name)", inside: root) }
        default:
            throw .usage(
                "'\(path.printable)' is neither a file nor a directory",
                remedy: "leave it out of files:; a guest has devices of its own")
        }
    }

    /// A directory that a suite names.
    private struct Root {
        /// Where it is on this machine, without symbolic links.
        let real: String
        /// Where it is in the guest.
        let place: String

        /// Where in the guest a path is that is in it on this machine; nil for one elsewhere.
        func place(of path: String) -> String? {
            if path == real { return place }
            guard path.hasPrefix(real == "/" ? "/" : "\(real)/") else { return nil }
            return ProgramContents.normal("\(place)/\(path.dropFirst(real.count))")
        }
    }

    /// What a named directory has. A symbolic link within it stays one, and one to a file elsewhere
    /// becomes that file; devices, sockets, broken links and links to directories elsewhere are left
    /// out.
    private mutating func add(_ path: String, inside root: Root) throws(PlumblineError) {
        guard let kind = try? Descriptor.open(path, .place).facts().kind else { return }
        let isLink = SystemFile.isLink(path)
        if isLink, kind == .regular || kind == .directory,
            let target = (try? SystemFile.resolve(path)).flatMap({ root.place(of: $0) })
        {
            return try add(link: Self.place(of: path), to: target)
        }
        switch kind {
        case .regular: try add(placed: path, hasLinks: false)
        case .directory where !isLink:
            for name in (try? SystemFile.list(path)) ?? [] {
                try add("\(path)/\(name)", inside: root)
            }
        default: return
        }
    }

    private mutating func add(link place: String, to target: String) throws(PlumblineError) {
        guard files[place] == nil else { return }
        links[place] = target
        try checkLimits()
    }

    /// - Parameter hasLinks: whether a symbolic link is one in the guest too, so that a program
    ///   finds what is beside its file.
    private mutating func add(placed path: String, hasLinks: Bool) throws(PlumblineError) {
        guard path.hasPrefix("/") else {
            let place = Self.place(of: path)
            guard place.hasPrefix("\(Self.directory)/") else {
                throw .usage(
                    "'\(path.printable)' is above the current directory, which a guest does not have",
                    remedy: "give an absolute path")
            }
            return try add(place, from: path)
        }
        let place = Self.normal(path)
        guard hasLinks, let real = try? SystemFile.resolve(path), real != place else {
            return try add(place, from: path)
        }
        try add(real, from: path)
        if files[place] == nil { links[place] = real }
    }

    private mutating func add(_ place: String, from path: String) throws(PlumblineError) {
        guard files.updateValue(path, forKey: place) == nil else { return }
        links[place] = nil
        size += (try? Descriptor.open(path, .place).facts().size) ?? 0
        try checkLimits()
    }

    private func checkLimits() throws(PlumblineError) {
        guard size <= Self.sizeLimit, files.count + links.count <= Self.countLimit else {
            throw .usage(
                "the programs' files for the guest are more than \(ByteSize(Self.sizeLimit)), or "
                    + "more than \(Self.countLimit)",
                remedy: "name fewer or smaller ones in files:")
        }
    }

    private static func isScript(_ path: String) -> Bool {
        guard let file = try? Descriptor.open(path) else { return false }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2, alignment: 8)
        defer { buffer.deallocate() }
        return (try? file.read(into: buffer, at: 0)) == 2 && Array(buffer) == Array("#!".utf8)
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    /// Where a path of this machine is in a guest.
    private static func place(of path: String) -> String {
        normal(path.hasPrefix("/") ? path : "\(directory)/\(path)")
    }

    /// An absolute path without `.`, `..` and double slashes.
    static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
