// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// A suite's text and the name by which errors call it.
public struct SuiteSource: Sendable, Equatable {
    /// Bytes a suite's file may have.
    public static let sizeLimit = 1 << 20

    /// The file's path, or the built-in suite's name.
    public let place: String
    /// YAML.
    public let text: String

    /// A suite's text.
    public init(place: String, text: String) {
        self.place = place
        self.text = text
    }

    /// The built-in suites, in the order of the help texts.
    private static var builtIn: [(name: String, yaml: [UInt8])] {
        [
            ("smoke", PackageResources.smoke_yaml), ("full", PackageResources.full_yaml),
            ("pipe-prealloc", PackageResources.pipe_prealloc_yaml),
            ("pipe-sizes", PackageResources.pipe_sizes_yaml),
            ("iomap-dio-cache", PackageResources.iomap_dio_cache_yaml),
            ("demo", PackageResources.demo_yaml), ("peers", PackageResources.peers_yaml),
            ("verify", PackageResources.verify_yaml), ("faults", PackageResources.faults_yaml),
        ]
    }

    /// The built-in suites' names.
    public static var builtInNames: [String] { builtIn.map(\.name) }

    /// A built-in suite by its name, or else the file of this path.
    ///
    /// - Throws: `usage` when there is neither or the file cannot be a suite.
    public static func find(_ nameOrPath: String) throws(PlumblineError) -> SuiteSource {
        if let bytes = builtIn.first(where: { $0.name == nameOrPath })?.yaml {
            return SuiteSource(place: nameOrPath, text: String(decoding: bytes, as: UTF8.self))
        }
        return try read(nameOrPath)
    }

    /// The suite of one program, in YAML.
    ///
    /// - Parameters:
    ///   - program: it and its arguments.
    ///   - metrics: what is judged, then what is told; none for what is known of it.
    ///   - contract: the word of the setting; nil for its default, as `timeout` and `storage`.
    public init(
        program: [String], metrics: [String], units: [String], directions: [String],
        contract: String?, files: [String], timeout: String?, storage: String? = nil
    ) {
        func quoted(_ text: String) -> String {
            let scalars = text.unicodeScalars.map { scalar -> String in
                switch scalar {
                case "\"", "\\": "\\\(scalar)"
                case " "..."~": String(scalar)
                default:
                    "\\U"
                        + String(repeating: "0", count: 8 - String(scalar.value, radix: 16).count)
                        + String(scalar.value, radix: 16)
                }
            }
            return "\"\(scalars.joined())\""
        }
        let lists: [(String, [String])] = [
            ("run", program), ("metric", metrics), ("unit", units), ("better", directions),
            ("files", files),
        ]
        var settings: [String] = []
        for (name, words) in lists where !words.isEmpty {
            settings.append("\(name): [\(words.map(quoted).joined(separator: ", "))]")
        }
        for (name, word) in [("contract", contract), ("timeout", timeout), ("storage", storage)] {
            if let word { settings.append("\(name): \(quoted(word))") }
        }
        let name = program.first.flatMap { $0.split(separator: "/").last } ?? "program"
        let plain = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        let lines =
            ["suite: \(quoted(plain.isEmpty ? "program" : String(plain.prefix(40))))", "cells:"]
            + ["  - workload: \(CommandWorkload.name)"] + settings.map { "    \($0)" }
        place = "the command line"
        text = lines.joined(separator: "\n") + "\n"
    }

    /// A file of published claims.
    ///
    /// - Throws: `usage` when it is not there or cannot be one.
    public static func claims(at path: String) throws(PlumblineError) -> SuiteSource {
        try existing(path, "file of claims", remedy: "check the path of --claims")
    }

    /// A file that describes a machine.
    ///
    /// - Throws: `usage` when it is not there or cannot be one.
    package static func target(at path: String) throws(PlumblineError) -> SuiteSource {
        try existing(
            path, "target file",
            remedy: "give a target file; `plumbline target example` prints one to begin from")
    }

    private static func existing(
        _ path: String, _ what: String, remedy: String
    ) throws(PlumblineError) -> SuiteSource {
        do throws(Errno) { _ = try Descriptor.open(path, [.read, .nonblocking]) } catch {
            throw .usage("cannot read the \(what) \(path): \(error)", remedy: remedy)
        }
        return try read(path, remedy: remedy)
    }

    /// The cells of all built-in suites.
    public static func builtInCells() throws(PlumblineError) -> [CellPlan] {
        let suites = try builtInNames.map { (name) throws(PlumblineError) in
            try SuiteParser.parse(find(name))
        }
        return suites.flatMap(\.cells)
    }

    /// - Parameter remedy: for a path that is something else; nil for what helps with suites.
    private static func read(
        _ path: String, remedy: String? = nil
    ) throws(PlumblineError) -> SuiteSource {
        let bytes: [UInt8]
        do {
            let file = try Descriptor.open(path, [.read, .nonblocking])
            guard try file.facts().kind == .regular else { throw notAFile(path, remedy) }
            bytes = try file.readAll(limit: sizeLimit)
        } catch let error as PlumblineError {
            throw error
        } catch Errno.noSuchFileOrDirectory {
            throw missing(path)
        } catch Errno.fileTooLarge {
            throw .usage(
                "\(path) is too large (allowed: up to \(ByteSize(sizeLimit)))",
                remedy: remedy
                    ?? "check that this is the right file; lists multiply, so suites are short")
        } catch {
            throw .usage("cannot read \(path): \(error)", remedy: "check its permissions")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .usage("\(path) is not UTF-8 text", remedy: "save it as UTF-8")
        }
        return SuiteSource(place: path, text: text)
    }

    private static func notAFile(_ path: String, _ remedy: String?) -> PlumblineError {
        .usage(
            "\(path) is not a regular file",
            remedy: remedy ?? "give a suite's YAML file, or one of \(builtInList)")
    }

    private static func missing(_ path: String) -> PlumblineError {
        let near = Spelling.hint(for: path, among: builtInNames)
        return .usage(
            "unknown suite '\(path)': it is neither built in nor a file",
            remedy: (near.map { "\($0) " } ?? "") + "built in: \(builtInList)")
    }

    private static var builtInList: String { builtInNames.joined(separator: ", ") }
}
