// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Journal
import Linux
import Machine
import Reports
import SystemPackage
import Verdicts

extension FuzzTarget {
    /// Journals, as every command reads them.
    static func journal() throws(PlumblineError) -> FuzzTarget {
        let file = try FuzzFile()
        return FuzzTarget(
            name: "journal", seeds: try FuzzSamples.journals(blocks: 1), words: words,
            repair: repair
        ) { (input) throws(PlumblineError) in
            _ = try file.read(input)
            return true
        }
    }

    /// Journals that can be read, to the text and the document of their reports.
    static func report() throws(PlumblineError) -> FuzzTarget {
        let file = try FuzzFile()
        return FuzzTarget(
            name: "report", seeds: try FuzzSamples.journals(blocks: 6), words: words,
            repair: repair
        ) { (input) throws(PlumblineError) in
            var input = input
            repair(&input)
            let journal = try file.read(input)
            for renderer in renderers {
                if journal.header.comparison == nil {
                    let report = RunReport(journal, exitCode: 0)
                    _ = try? renderer.render(report, style: .plain)
                } else if let report = try? VerdictReport(journal) {
                    _ = try? renderer.render(report, style: .colored)
                }
            }
            return true
        }
    }

    /// Every format; the page without plots, which would take a process for each input.
    private static let renderers: [any Renderer] =
        ReportFormat.all.map(\.renderer).filter { !($0 is HTMLRenderer) } + [
            HTMLRenderer.withoutPlots
        ]

    /// Lines of an export of a history, to what is printed of them.
    static func history() throws(PlumblineError) -> FuzzTarget {
        let file = try FuzzFile()
        var seeds: [[UInt8]] = []
        for journal in try FuzzSamples.journals(blocks: 6) {
            if let entry = try? HistoryEntry(file.read(journal)) { seeds.append(try entry.line()) }
        }
        return FuzzTarget(name: "history", seeds: seeds) { (input) throws(PlumblineError) in
            let entry = try HistoryEntry(line: input)
            for renderer in renderers {
                _ = try? renderer.render(ExperimentReport([entry]), style: .plain)
            }
            return true
        }
    }

    private static let words = [
        "\"kind\":\"", "slice", "detail", "header", "end", "\"brief\":\"", " - ", " A ", " B ",
        "true", "closed ", "\"cell\":\"", "\"void\":{\"\":\"\"},", "\\u001b[2J",
    ]

    /// Gives each line that looks like one of a journal the checksum that it should have.
    private static func repair(_ input: inout [UInt8]) {
        var start = 0
        while start < input.count {
            let end = input[start...].firstIndex(of: 10) ?? input.count
            let object = end - mark.count - 10
            if object > start, input[object...].starts(with: mark) {
                let sum = input.withUnsafeBytes {
                    Checksum.crc32c(UnsafeRawBufferPointer(rebasing: $0[start..<object]))
                }
                let whole = withUnsafeBytes(of: UInt8(ascii: "}")) {
                    Checksum.crc32c($0, after: sum)
                }
                for digit in 0..<8 {
                    let value = Int(whole >> UInt32(28 - 4 * digit) & 15)
                    input[object + mark.count + digit] = hex[value]
                }
            }
            start = end + 1
        }
    }

    private static let mark = #","crc32c":""#.bytes
    private static let hex = "0123456789abcdef".bytes
}

/// A file without a name that takes one journal after the other.
final class FuzzFile: Sendable {
    private let file: Descriptor

    init() throws(PlumblineError) {
        // In memory where there is such a directory: a disk would be slower.
        let places = ["/dev/shm", DataDirectory.standard]
        let directory = places.first(where: SystemFile.exists) ?? "."
        file = try attempting("cannot make a file in \(directory)") { () throws(Errno) in
            try Descriptor.open(directory, [.readWrite, .temporary], mode: 0o600)
        }
    }

    /// The journal that these bytes are.
    func read(_ bytes: [UInt8]) throws(PlumblineError) -> StoredJournal {
        try attempting("cannot write a journal") { () throws(Errno) in
            try file.truncate(to: 0)
            _ = try bytes.withUnsafeBytes { bytes in
                Result { () throws(Errno) in try file.write(bytes, at: 0) }
            }.get()
        }
        return try StoredJournal(readingFrom: "/proc/self/fd/\(file.rawValue)")
    }
}
