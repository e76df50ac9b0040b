// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Basics
import Reports
import SystemPackage

/// Where a report goes: standard output, or a file.
public struct OutputOptions: ParsableArguments {
    /// The file.
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Write the report to this file, whole or not at all; - is standard output.",
            valueName: "file"))
    public var output: String?
    /// Whether a file is replaced.
    @Flag(help: "Replace the file of --output if it exists. A journal is never replaced.")
    public var force = false

    /// Made by the argument parser.
    public init() {}

    /// Looks at the file before journals are read.
    ///
    /// - Parameters:
    ///   - journals: the paths that are read.
    ///   - what: what they are.
    /// - Throws: `usage` for a file that exists or cannot be written, and for `force` without one.
    func check(
        besides journals: [String], what: String = "a journal"
    ) throws(PlumblineError) {
        guard let file else {
            if force, output == nil {
                throw .usage("--force is not supported without --output", remedy: "leave it out")
            }
            return
        }
        guard !journals.contains(where: { WholeFile.place(of: $0) == file.place }) else {
            throw .usage(
                "--output \(file.path) is \(what) that is read", remedy: Self.another)
        }
        try checkPresent(file)
        if case .stream = file.present { return }
        do throws(Errno) { try file.tryOut() } catch {
            throw .usage(
                "--output \(file.path) cannot be written: \(error)",
                remedy: "give a path in a directory that you may write to")
        }
    }

    /// Prints a report, or writes it into the file.
    ///
    /// - Throws: `usage` for a report that has no such format, `failure` when the file cannot be
    ///   written.
    func show(
        _ report: some Report, as format: ReportFormat, on console: Console
    ) throws(PlumblineError) {
        guard let file else { return try console.show(report, as: format) }
        let text = try format.renderer.render(report, style: .plain)
        // It may have come while the journals were read.
        try checkPresent(file)
        do throws(Errno) { try file.write(text) } catch {
            throw .failure(
                "cannot write \(file.path): \(error)", remedy: "make room, or give another path")
        }
    }

    private static let another = "give another path"

    private var file: WholeFile? {
        guard let output, output != "-" else { return nil }
        return WholeFile(output)
    }

    private func checkPresent(_ file: WholeFile) throws(PlumblineError) {
        switch file.present {
        case .nothing, .stream: return
        case .other:
            throw .usage("--output \(file.path) is not a regular file", remedy: Self.another)
        case .regular:
            guard force else {
                throw .usage(
                    "--output \(file.path) exists",
                    remedy: "give another path, or --force to replace it")
            }
            guard FileHead.text(of: file.place)?.hasPrefix(#"{"kind":"header""#) != true else {
                throw .usage(
                    "--output \(file.path) is a journal, which is never replaced",
                    remedy: Self.another)
            }
        }
    }
}
