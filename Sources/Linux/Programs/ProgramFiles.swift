// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import SystemPackage

/// The files that a program cannot start without: the program, the interpreters of scripts, the
/// loader and the libraries.
///
/// Libraries are looked up as ld.so(8) does it, but for `LD_LIBRARY_PATH` and the variants for
/// single processors (`glibc-hwcaps`).
public struct ProgramFiles: Sendable, Equatable {
    /// Why a program cannot start.
    public enum Problem: Error, Sendable, Equatable {
        /// No file of this name: in PATH, or at this path.
        case notFound(String)
        /// A directory or another file that is no program.
        case notAProgram(String)
        /// A file without the permission to execute it.
        case notExecutable(String)
        /// A file for another processor than this one.
        case otherMachine(String, ELFFile.Machine, expected: ELFFile.Machine)
        /// The file's interpreter or loader is missing.
        case noInterpreter(String, interpreter: String)
        /// Libraries of the file that are missing.
        case noLibraries(String, names: [String])
        /// The kernel's word on anything else.
        case unreadable(String, Errno)
    }

    /// The program's own path.
    public let program: String
    /// All paths, the program's first; those of scripts and what starts them too.
    public private(set) var paths: [String] = []
    private let machine: ELFFile.Machine
    private let searchPath: String
    private var places: LibraryPlaces

    /// - Parameters:
    ///   - program: a path, or a name that is looked up.
    ///   - searchPath: where to look names up: PATH.
    ///   - machine: the processor that all must be for.
    /// - Throws: the first problem.
    public init(
        of program: String, searchPath: String, machine: ELFFile.Machine = .current
    ) throws(Problem) {
        self.machine = machine
        self.searchPath = searchPath
        places = LibraryPlaces()
        self.program = try Self.find(program, in: searchPath)
        try addProgram(self.program, depth: 0)
    }

    /// The path of a program: itself where it has a slash, else the first of its name in the
    /// directories of PATH that may be executed.
    ///
    /// - Throws: `notFound`; `notAProgram` and `notExecutable` for what stands there.
    public static func find(_ name: String, in searchPath: String) throws(Problem) -> String {
        if name.utf8.contains(UInt8(ascii: "/")) {
            try check(name)
            return name
        }
        var other: Problem?
        for directory in searchPath.split(separator: ":", omittingEmptySubsequences: false)
        where !name.isEmpty {
            let path = (directory.isEmpty ? "." : "\(directory)") + "/\(name)"
            do throws(Problem) {
                try check(path)
                return path
            } catch .notFound {
                continue
            } catch { other = other ?? error }
        }
        throw other ?? .notFound(name)
    }

    /// Where programs without a slash are looked up: in PATH, then beside this program, and where
    /// `make install` puts the programs that cells run and users do not.
    public static func places(path: String, beside own: String? = try? SystemFile.ownProgram())
        -> String
    {
        guard let own, let slash = own.lastIndex(of: "/") else { return path }
        let directory = own[..<slash]
        let above = directory.prefix(upTo: directory.lastIndex(of: "/") ?? directory.startIndex)
        return ([path].filter { !$0.isEmpty } + ["\(directory)", "\(above)/libexec/plumbline"])
            .joined(separator: ":")
    }

    private static func check(_ path: String) throws(Problem) {
        let facts: FileFacts
        do { facts = try Descriptor.open(path, .place).facts() } catch {
            let isMissing = error == .noSuchFileOrDirectory || error == .notDirectory
            throw isMissing ? Problem.notFound(path) : Problem.unreadable(path, error)
        }
        guard facts.kind == .regular else { throw .notAProgram(path) }
        guard facts.permissions & 0o111 != 0 else { throw .notExecutable(path) }
    }

    /// A script may be another one's interpreter, up to a depth of four (`exec_binprm()` of
    /// fs/exec.c).
    private mutating func addProgram(_ path: String, depth: Int) throws(Problem) {
        guard !paths.contains(path) else { return }
        guard depth < 5 else { throw .notAProgram(path) }
        paths.append(path)
        let file: ELFFile?
        do { file = try ELFFile(readingFrom: path) } catch {
            // A program that may be executed and not be read tells nothing of what it needs.
            if error == .permissionDenied { return }
            throw .unreadable(path, error)
        }
        guard let file else {
            for program in try interpreters(of: path) {
                do throws(Problem) {
                    let found = try Self.find(program, in: searchPath)
                    try addProgram(found, depth: depth + 1)
                } catch .notFound {
                    throw .noInterpreter(path, interpreter: program)
                }
            }
            return
        }
        guard file.machine == machine else {
            throw .otherMachine(path, file.machine, expected: machine)
        }
        if let loader = file.interpreter {
            guard SystemFile.exists(loader) else {
                throw .noInterpreter(path, interpreter: loader)
            }
            if !paths.contains(loader) { paths.append(loader) }
        }
        try addLibraries(of: (try? SystemFile.resolve(path)) ?? path, file)
    }

    /// What runs a script: the program of its first line, and what env(1) runs for it; none for a
    /// file of an unknown format.
    private func interpreters(of path: String) throws(Problem) -> [String] {
        let line: String
        do {
            let file = try Descriptor.open(path)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 16)
            defer { buffer.deallocate() }
            let count = try file.read(into: buffer, at: 0)
            line = String(
                decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        } catch { throw .unreadable(path, error) }
        guard line.hasPrefix("#!") else { throw .notAProgram(path) }
        let words = line.dropFirst(2).words
        guard let first = words.first else { throw .notAProgram(path) }
        guard first.split(separator: "/").last == "env" else { return [first] }
        let program = words.dropFirst().first { !$0.isLikeOption && !$0.contains("=") }
        return [first] + (program.map { [$0] } ?? [])
    }

    /// Adds what a program or a library needs, breadth first, as the loader does.
    private mutating func addLibraries(of path: String, _ file: ELFFile) throws(Problem) {
        var open = [(path: path, file: file, inherited: [String]())]
        while !open.isEmpty {
            let (path, file, inherited) = open.removeFirst()
            let own = file.searchPath.map { LibraryPlaces.expand($0, origin: path) }
            let passedOn = file.isOwnSearchPath ? inherited : own + inherited
            let order = file.isOwnSearchPath ? own : passedOn
            var missing: [String] = []
            for name in file.needed {
                guard let found = places.find(name, first: order, machine: file.machine) else {
                    missing.append(name)
                    continue
                }
                guard !paths.contains(found.path) else { continue }
                paths.append(found.path)
                open.append((found.path, found.file, passedOn))
            }
            guard missing.isEmpty else { throw .noLibraries(path, names: missing) }
        }
    }
}

extension ProgramFiles.Problem {
    /// What is wrong and how to fix it.
    ///
    /// - Parameter place: where the program is to run, for the remedy: `this machine`.
    public func error(at place: String) -> PlumblineError {
        switch self {
        case .notFound(let name) where name.contains("/"):
            .usage("there is no program \(Self.quoted(name))", remedy: "check the path")
        case .notFound(let name):
            .usage(
                "there is no program \(Self.quoted(name)) in PATH",
                remedy: "install it, or give its path")
        case .notAProgram(let path):
            .usage(
                "\(Self.quoted(path)) is not a program",
                remedy: "give an ELF program, or a script whose first line is #!INTERPRETER")
        case .notExecutable(let path):
            .usage(
                "\(Self.quoted(path)) is not executable",
                remedy: "run `chmod +x \(ShellWord.quoted(path))`")
        case .otherMachine(let path, let machine, let expected):
            .usage(
                "\(Self.quoted(path)) is a program for \(machine.name), and \(place) is "
                    + "\(expected.name)", remedy: "build it for \(expected.name)")
        case .noInterpreter(let path, let interpreter):
            .usage(
                "\(Self.quoted(path)) needs \(Self.quoted(interpreter)), which is missing",
                remedy: "install it")
        case .noLibraries(let path, let names):
            .usage(
                "\(Self.quoted(path)) needs "
                    + names.map(Self.quoted).joined(separator: ", ")
                    + (names.count == 1 ? ", which is missing" : ", which are missing"),
                remedy: "install the library where ld.so finds it; see `ldd`")
        case .unreadable(let path, let error):
            .usage("cannot read \(Self.quoted(path)): \(error)", remedy: "check its permissions")
        }
    }

    /// A path as a message has it, whatever characters it has.
    private static func quoted(_ path: String) -> String { "'\(path.printable)'" }
}
