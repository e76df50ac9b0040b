// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials
import Testing

/// Holds the sources to their map, `Sources/README.md`.
@Suite("The map of the sources is true") struct HouseTests {
    /// The root of the package.
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL

    /// What stands between backticks in the rows of the map's tables.
    private func paths() throws -> [String] {
        let map = Self.root.appending(path: "Sources/README.md")
        let text = try String(contentsOf: map, encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| ") }.flatMap { row in
            row.matches(of: #/`([^`]+)`/#).map { String($0.1) }
        }.filter { $0.contains("/") || $0 == "CShims" }
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(
            atPath: Self.root.appending(path: path).path(percentEncoded: false))
    }

    @Test("every path in the map's tables exists")
    func pathsExist() throws {
        let paths = try paths()
        #expect(paths.count > 40)
        for path in paths { #expect(exists(path), "Sources/README.md names \(path)") }
    }

    @Test("every module is in the map")
    func modulesAreListed() throws {
        let paths = Set(try paths())
        for module in try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appending(path: "Sources").path(percentEncoded: false))
        where module != "README.md" {
            #expect(paths.contains("Sources/\(module)"))
        }
    }

    private func swiftFiles() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(
            atPath: Self.root.appending(path: "Sources").path(percentEncoded: false)
        ).filter { $0.hasSuffix(".swift") }
    }

    private func text(_ file: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: "Sources/\(file)"), encoding: .utf8)
    }

    /// The folders that may name a workload or a pressure: its description, its code, and the
    /// benchmark, which runs some by name.
    private static let ownFolders = ["Cells/", "Workloads/", "Pressure/", "plumbline-bench/"]
    /// Where the same word means something else: a tracepoint and a capability of the machine.
    private static let otherMeanings = [
        "Machine/Counters/ReclaimTrace.swift", "Agent/Capabilities.swift",
        // Suites are called after the patch that they show.
        "Suites/SuiteSource.swift",
    ]

    @Test("no workload, pressure or patch is named by a literal outside its own folder")
    func namesStayAtHome() throws {
        let files = try swiftFiles()
        var names: Set<String> = []
        for file in files where file.hasPrefix("Cells/") {
            names.formUnion(
                try text(file).matches(of: #/static let name = "([a-z]+)"/#).map { String($0.1) })
        }
        #expect(names.isSuperset(of: ["pipe", "dio", "memcg", "anon"]))
        // A word of many meanings.
        names.remove("none")
        let patches = Self.root.appending(path: "Sources/Kernels/Patches")
        names.formUnion(
            try FileManager.default.contentsOfDirectory(
                atPath: patches.path(percentEncoded: false)))
        #expect(names.contains("pipe-prealloc"))
        for file in files
        where !Self.ownFolders.contains(where: file.hasPrefix) && !Self.otherMeanings.contains(file)
        {
            let text = try text(file)
            for name in names {
                #expect(!text.contains("\"\(name)\""), "Sources/\(file) names \(name)")
            }
        }
    }

    @Test("no folder holds more than 15 Swift files")
    func foldersAreSmall() throws {
        let swift = try swiftFiles()
        #expect(swift.count > 100)
        let folders = Dictionary(grouping: swift) { file in
            file.split(separator: "/").dropLast().joined(separator: "/")
        }
        for (folder, files) in folders {
            #expect(files.count <= 15, "Sources/\(folder) holds \(files.count) Swift files")
        }
    }
}
