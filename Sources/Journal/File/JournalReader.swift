// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// Reads a journal's file on as many CPUs as it is worth, and refuses one that is damaged.
struct JournalReader {
    /// Bytes of a part: so many that a thread pays, and so few that little waits for its turn.
    static let partSize = 8 << 20

    private let file: JournalFile
    private var journal: StoredJournal
    /// Where each part begins, and where the last one ends.
    private var starts: [Int]
    private var numbers: SliceNumbers
    /// Lines that were read.
    private var lines = 1
    private var error: PlumblineError?

    /// Reads the header and cuts the rest into parts.
    init(_ path: String, partSize: Int = Self.partSize) throws(PlumblineError) {
        do {
            let (opened, headerEnd) = try JournalFile.open(path)
            self.file = opened
            let size = try file.descriptor.facts().size
            guard let end = headerEnd else {
                throw try Self.withoutHeader(
                    path, bytes: size, begins: file.descriptor.bytes(0..<64))
            }
            let header = try Self.header(file.bytes(0..<end), path)
            journal = StoredJournal(header: header)
            journal.store = .file(file)
            journal.validLength = end + 1
            numbers = SliceNumbers(cells: header.suite.cells.count)
            starts = [end + 1]
            for place in stride(from: partSize, to: size, by: partSize) {
                // Behind the last line, or in one that is too long: the part before it tells.
                guard let start = try file.descriptor.recordStart(from: place) else { break }
                if start > starts[starts.count - 1] { starts.append(start) }
            }
            starts.append(.max)
        } catch let error as PlumblineError {
            throw error
        } catch Errno.noSuchFileOrDirectory {
            throw .usage("\(path): there is no such journal", remedy: "check the path")
        } catch {
            throw .failure("\(path): cannot be read: \(error)")
        }
    }

    /// Whether a file holds nothing but the beginning of a header: a run that was killed at once.
    static func hasTornHeader(_ path: String) throws(PlumblineError) -> Bool {
        do {
            let file = try Descriptor.open(path)
            guard try file.lineEnd(from: 0) == nil else { return false }
            return JournalLine.begins(try file.bytes(0..<64), kind: "header")
        } catch {
            throw .failure("\(path): cannot be read: \(error)")
        }
    }

    /// The journal.
    ///
    /// - Throws: `failure` with the line's number and the reason when anything but the last line's
    ///   missing end is wrong with it.
    consuming func read() throws(PlumblineError) -> StoredJournal {
        var reader = self
        let (file, starts) = (reader.file, reader.starts)
        let cells = CellNames(reader.journal.header.suite.cells.map(\.name))
        Parallel.run(starts.count - 1) { part in
            JournalPart(file.descriptor, starts[part]..<starts[part + 1], of: cells)
        } take: { part in
            reader.add(part)
            return reader.error == nil
        }
        if let error = reader.error { throw error }
        return reader.journal
    }

    /// Takes in the next part.
    private mutating func add(_ part: JournalPart) {
        var next = 0
        for (place, event) in part.events {
            guard add(part, next..<place) else { return }
            journal.add(event)
            next = place
        }
        guard add(part, next..<part.slices.count) else { return }
        journal.parts.append(part.packed)
        if let error = part.error { return damaged(line: part.lines + 1, error) }
        lines += part.lines
        journal.validLength += part.length
        if part.unfinished > 0 {
            journal.warnings.append(
                "\(file.path): line \(lines + 1) is torn (\(part.unfinished) bytes without an end) "
                    + "and was left out")
        }
    }

    /// Takes in some slices of the next part.
    ///
    /// - Returns: whether none of them was there before.
    private mutating func add(_ part: JournalPart, _ places: Range<Int>) -> Bool {
        for place in places where !numbers.insert(part.slices[place]) {
            let slice = part.slices[place]
            damaged(
                line: part.sliceLines[place],
                .failure("slice \(slice.number) of '\(slice.cell)' occurs twice"))
            return false
        }
        journal.noteRan(part.slices[places])
        return true
    }

    /// Notes what is wrong with a line of the next part.
    private mutating func damaged(line: Int, _ error: PlumblineError) {
        self.error = Self.damaged(file.path, line: lines + line, error)
    }

    private static let notAJournal =
        "this is not a journal of plumbline, or its header is damaged"

    private static func header(
        _ line: [UInt8], _ path: String
    ) throws(PlumblineError) -> JournalHeader {
        struct Probe: Decodable {
            var kind: String
            var schema: String
            var tool_version: String?
        }
        do throws(PlumblineError) {
            guard let probe = try? LineCodec.decode(Probe.self, from: line), probe.kind == "header"
            else { throw .failure(notAJournal) }
            guard probe.schema == JournalHeader.schemaName else {
                let writer = probe.tool_version.map { "plumbline \($0.prefix(64))" }
                throw .failure(
                    "its schema '\(probe.schema.prefix(64))' is read by "
                        + "\(writer ?? "the version of plumbline that wrote it"); this is plumbline "
                        + "\(plumblineVersion), which reads '\(JournalHeader.schemaName)'",
                    remedy:
                        "use \(writer ?? "the version of plumbline that wrote it"), or measure again"
                )
            }
            _ = try line.withUnsafeBytes { line in
                Result { () throws(PlumblineError) in try JournalLine.check(line) }
            }.get()
            let header = try LineCodec.decode(JournalHeader.self, from: line)
            try header.checkLimits()
            return header
        } catch {
            throw damaged(path, line: 1, error)
        }
    }

    private static func damaged(
        _ path: String, line: Int, _ error: PlumblineError
    ) -> PlumblineError {
        .failure(
            "\(path): line \(line): \(error.message.printable)",
            remedy: error.remedy.isEmpty
                ? "restore the file from a copy, or start a new journal" : error.remedy)
    }

    private static func withoutHeader(
        _ path: String, bytes: Int, begins head: [UInt8]
    ) -> PlumblineError {
        guard JournalLine.begins(head, kind: "header") else {
            return damaged(path, line: 1, .failure(notAJournal))
        }
        return .failure(
            bytes == 0
                ? "\(path): it is empty" : "\(path): line 1: the header is torn, nothing was kept",
            remedy: "start again: --resume takes such a file over")
    }
}

extension StoredJournal {
    /// Reads a journal's file.
    ///
    /// - Throws: `usage` when there is no such file, `failure` with the line's number and the
    ///   reason when it is damaged.
    public init(readingFrom path: String) throws(PlumblineError) {
        self = try JournalReader(path).read()
    }
}
