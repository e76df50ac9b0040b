// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage

/// Where a journal's details are: its file or, for a journal that was never one, the memory.
enum DetailStore: Sendable, Equatable {
    /// The file of this path.
    case file(String)
    /// The lines, one after the other.
    case memory([UInt8])

    /// Adds a detail to the memory.
    ///
    /// - Returns: where it is; nil for a file, and for what JSON cannot hold.
    mutating func append(_ detail: SliceDetail) -> Range<Int>? {
        guard case .memory(var lines) = self, let line = try? JournalLine.encode("detail", detail)
        else { return nil }
        self = .memory([])
        let place = lines.count..<lines.count + line.count - 1
        lines += line
        self = .memory(lines)
        return place
    }

    /// Gives each of these lines to the closure, with its place among them.
    ///
    /// - Throws: `failure` when the file cannot be read or is shorter than it was.
    func read(
        _ ranges: [Range<Int>],
        _ body: (Int, UnsafeRawBufferPointer) throws(PlumblineError) -> Void
    ) throws(PlumblineError) {
        switch self {
        case .memory(let lines):
            for (place, range) in ranges.enumerated() {
                try Self.give(Array(lines[range]), at: place, to: body)
            }
        case .file(let path):
            do {
                let file = try Descriptor.open(path)
                for (place, range) in ranges.enumerated() {
                    let bytes = try file.bytes(range)
                    guard bytes.count == range.count else { throw Errno.ioError }
                    try Self.give(bytes, at: place, to: body)
                }
            } catch let error as PlumblineError {
                throw error
            } catch {
                throw .failure("\(path): cannot be read: \(error)")
            }
        }
    }

    private static func give(
        _ bytes: [UInt8], at place: Int,
        to body: (Int, UnsafeRawBufferPointer) throws(PlumblineError) -> Void
    ) throws(PlumblineError) {
        let answer = bytes.withUnsafeBytes { line in
            Result { () throws(PlumblineError) in try body(place, line) }
        }
        try answer.get()
    }
}
