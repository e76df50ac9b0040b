// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// Reads a journal line by line, and refuses one that is damaged.
public enum JournalReader {
    /// What the file as a whole said.
    public struct Outcome: Sendable, Equatable {
        /// Bytes of the whole lines: where the next one goes.
        public var validLength: Int
        /// What a person should know, such as a torn last line that was left out.
        public var warnings: [String]
    }

    /// Reads a journal, giving its header and then each event to the callers' closures.
    ///
    /// - Throws: `usage` when there is no such file, `failure` with the line's number and the
    ///   reason when anything but the last line's missing end is wrong with it.
    public static func read(
        _ path: String, header: (JournalHeader) throws(PlumblineError) -> Void,
        event: (JournalEvent) throws(PlumblineError) -> Void
    ) throws(PlumblineError) -> Outcome {
        var splitter = LineSplitter()
        var number = 0
        var total = 0
        try chunks(of: path) { (chunk) throws(PlumblineError) in
            total += chunk.count
            for line in splitter.feed(chunk) {
                number += 1
                do throws(PlumblineError) {
                    let bytes = try complete(line)
                    if number == 1 {
                        try header(Self.header(in: bytes))
                    } else {
                        try event(JournalLine.decode(JournalEvent.self, from: bytes))
                    }
                } catch {
                    throw damaged(path, line: number, error)
                }
            }
        }
        guard number > 0 else { throw withoutHeader(path, bytes: total) }
        var warnings: [String] = []
        if splitter.unfinished > 0 {
            warnings.append(tornWarning(path, line: number + 1, bytes: splitter.unfinished))
        }
        return Outcome(validLength: total - splitter.unfinished, warnings: warnings)
    }

    /// Whether a file holds nothing but the beginning of a header: a run that was killed at once.
    static func hasTornHeader(_ path: String) throws(PlumblineError) -> Bool {
        var bytes: [UInt8] = []
        try chunks(of: path) { (chunk) throws(PlumblineError) in
            if bytes.count < LineCodec.lengthLimit { bytes += chunk }
        }
        guard !bytes.contains(UInt8(ascii: "\n")) else { return false }
        return beginnings.contains { $0.starts(with: bytes.prefix($0.count)) }
    }

    /// How a header's line begins: its keys stand in order.
    private static let beginnings = [Array(#"{"host":{"#.utf8)]

    static func tornWarning(_ path: String, line: Int, bytes: Int) -> String {
        "\(path): line \(line) is torn (\(bytes) bytes without an end) and was left out: its "
            + "slice was not finished"
    }

    private static func complete(_ line: LineSplitter.Line) throws(PlumblineError) -> [UInt8] {
        switch line {
        case .complete(let bytes): return bytes
        case .tooLong(let count):
            throw .failure("it is \(count) bytes long, more than any line of a journal")
        }
    }

    private static func header(in line: [UInt8]) throws(PlumblineError) -> JournalHeader {
        struct Probe: Decodable {
            var kind: String
            var schema: String
        }
        guard let probe = try? LineCodec.decode(Probe.self, from: line), probe.kind == "header"
        else { throw .failure("this is no journal of plumbline's, or its header is damaged") }
        guard probe.schema == JournalHeader.schemaName else {
            throw .failure(
                "its schema is '\(probe.schema.prefix(64))', and this version reads "
                    + "'\(JournalHeader.schemaName)'",
                remedy: "use the version of plumbline that wrote it")
        }
        return try JournalLine.decode(JournalHeader.self, from: line)
    }

    private static func damaged(
        _ path: String, line: Int, _ error: PlumblineError
    ) -> PlumblineError {
        .failure(
            "\(path): line \(line): \(error.message)",
            remedy: error.remedy.isEmpty
                ? "restore the file from a copy, or start a new journal" : error.remedy)
    }

    private static func withoutHeader(_ path: String, bytes: Int) -> PlumblineError {
        .failure(
            bytes == 0
                ? "\(path): it is empty" : "\(path): line 1: the header is torn, nothing was kept",
            remedy: "start again: --resume takes such a file over")
    }

    private static func chunks(
        of path: String, _ body: (ArraySlice<UInt8>) throws(PlumblineError) -> Void
    ) throws(PlumblineError) {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        do {
            let file = try Descriptor.open(path)
            while true {
                let count = try read(file, into: &buffer)
                if count == 0 { return }
                try body(buffer[..<count])
            }
        } catch let error as PlumblineError {
            throw error
        } catch Errno.noSuchFileOrDirectory {
            throw .usage("\(path): there is no such journal", remedy: "check the path")
        } catch {
            throw .failure("\(path): cannot be read: \(error)")
        }
    }

    private static func read(
        _ file: borrowing Descriptor, into buffer: inout [UInt8]
    ) throws(Errno) -> Int {
        let fd = FileDescriptor(rawValue: file.rawValue)
        do {
            return try buffer.withUnsafeMutableBytes { try fd.read(into: $0) }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }
}
