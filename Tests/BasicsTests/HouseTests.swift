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

    @Test("no patch is named by a literal outside its own folder")
    func patchesStayAtHome() throws {
        let patches = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appending(path: "Sources/Kernels/Patches")
                .path(percentEncoded: false))
        #expect(patches.contains("pipe-prealloc"))
        // A suite has the name of the patch that it shows.
        for file in try swiftFiles() where file != "Suites/SuiteSource.swift" {
            let text = try text(file)
            for patch in patches {
                #expect(!text.contains("\"\(patch)\""), "Sources/\(file) names \(patch)")
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
