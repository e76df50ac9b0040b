// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Journal
import Kernels
import Protocol
import Suites

/// The option of published claims.
public struct ClaimOptions: ParsableArguments {
    /// A file of the user's own.
    @Option(
        help: ArgumentHelp(
            "Judge the published figures in this file, beside those of our patches.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    public var claims: String?

    /// Made by the argument parser.
    public init() {}

    /// Refuses a file that is wrong.
    ///
    /// - Parameters:
    ///   - suite: the cells that are measured.
    ///   - source: the suite whose cells the file may name, besides those of the built-in suites.
    /// - Throws: `usage` with the place of what is wrong.
    func check(for suite: SuiteRecord, from source: SuiteSource) throws(PlumblineError) {
        guard let claims else { return }
        let whole = try SuiteParser.read(source, overrides: Overrides()).0
        _ = try ClaimsFile(
            SuiteSource.claims(at: claims),
            known: SuiteSource.builtInCells() + whole.cells + suite.cells)
    }

    /// What was published of a comparison, by cell.
    ///
    /// - Parameter changes: the changes that B has and A has not.
    /// - Throws: `usage` for a file of the user's that is wrong.
    func records(
        on suite: SuiteRecord, changes: Set<String>
    ) throws(PlumblineError) -> [String: [ClaimRecord]]? {
        let own = try claims.map { (path) throws(PlumblineError) in
            try ClaimsFile(SuiteSource.claims(at: path))
        }
        let files = try [own].compactMap { $0 } + Self.builtIn(changes)
        let records = files.reduce(into: [String: [ClaimRecord]]()) { records, file in
            records.merge(file.claims(on: suite)) { $0 + $1 }
        }
        return records.isEmpty ? nil : records
    }

    /// The files of claims that come with these changes, or with all of ours.
    static func builtIn(_ changes: Set<String>? = nil) throws(PlumblineError) -> [ClaimsFile] {
        let wanted = KernelChange.all.filter {
            $0.claims != nil && changes?.contains($0.name) ?? true
        }
        return try wanted.map { (change) throws(PlumblineError) in
            try ClaimsFile(
                SuiteSource(place: "claims of \(change.name)", text: change.claims ?? ""))
        }
    }
}
