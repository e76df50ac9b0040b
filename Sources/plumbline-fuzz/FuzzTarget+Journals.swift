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
            name: "journal", seeds: try FuzzSamples.journals(), words: words, repair: repair
        ) { input in
            file.read(input) != nil
        }
    }

    /// Journals that can be read, to the text and the document of their reports.
    static func report() throws(PlumblineError) -> FuzzTarget {
        let file = try FuzzFile()
        return FuzzTarget(
            name: "report", seeds: try FuzzSamples.journals(), words: words, share: 10,
            repair: repair
        ) { input in
            guard let journal = file.read(repair(input)) else { return false }
            for format in ReportFormat.all {
                if journal.header.comparison == nil {
                    let report = RunReport(journal, exitCode: 0)
                    _ = try? format.renderer.render(report, style: .plain)
                } else if let report = try? VerdictReport(journal) {
                    _ = try? format.renderer.render(report, style: .colored)
                }
            }
            return true
        }
    }

    private static let words = [
        "\"kind\":\"", "slice", "detail", "header", "end", "\"brief\":\"", " - ", " A ", " B ",
        "true", "closed ", "\"cell\":\"", "\"void\":{\"\":\"\"},", "\\u001b[2J",
    ]

    /// Gives each line that looks like one of a journal the checksum that it should have.
    private static func repair(_ input: [UInt8]) -> [UInt8] {
        let mark = Array(#","crc32c":""#.utf8)
        let tail = mark.count + 10
        return Array(
            input.split(separator: 10, omittingEmptySubsequences: false).map {
                line -> ArraySlice<UInt8> in
                guard line.count > tail, line.suffix(tail).starts(with: mark) else { return line }
                let object = Array(line.dropLast(tail)) + [UInt8(ascii: "}")]
                let sum = String(Checksum.crc32c(object), radix: 16)
                let digits = String(repeating: "0", count: 8 - sum.count) + sum
                return object.dropLast() + mark + Array((digits + #""}"#).utf8)
            }.joined(separator: [10]))
    }
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

    /// The journal that these bytes are; nil for what is refused.
    func read(_ bytes: [UInt8]) -> StoredJournal? {
        do {
            try file.truncate(to: 0)
            _ = try bytes.withUnsafeBytes { bytes in
                Result { () throws(Errno) in try file.write(bytes, at: 0) }
            }.get()
            return try StoredJournal(readingFrom: "/proc/self/fd/\(file.rawValue)")
        } catch {
            return nil
        }
    }
}
