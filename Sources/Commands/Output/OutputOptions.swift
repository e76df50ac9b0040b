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
            valueName: "file"), completion: .file())
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
            throw WholeFile.refusal(of: "--output \(file.path)", error)
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
        do throws(Errno) { try file.write(text, replacing: force) } catch .fileExists {
            throw Self.exists(file)
        } catch {
            throw .failure(
                "cannot write \(file.path): \(error)", remedy: WholeFile.remedy(for: error))
        }
    }

    private static let another = "give another path"

    private static func exists(_ file: WholeFile) -> PlumblineError {
        .usage(
            "--output \(file.path) exists", remedy: "give another path, or --force to replace it")
    }

    private var file: WholeFile? {
        guard let output, output != "-" else { return nil }
        return WholeFile(output)
    }

    private func checkPresent(_ file: WholeFile) throws(PlumblineError) {
        switch file.present {
        case .nothing, .stream: return
        case .directory:
            throw .usage(
                "--output \(file.path) is a directory", remedy: "give the path of a file")
        case .other:
            throw .usage("--output \(file.path) is not a regular file", remedy: Self.another)
        case .regular:
            guard force else { throw Self.exists(file) }
            guard let head = FileHead.text(of: file.place) else {
                throw .usage(
                    "--output \(file.path) cannot be read, so that it may be a journal, which is "
                        + "never replaced",
                    remedy: "remove it, or give another path")
            }
            guard !head.hasPrefix(#"{"kind":"header""#) else {
                throw .usage(
                    "--output \(file.path) is a journal, which is never replaced",
                    remedy: Self.another)
            }
        }
    }
}
