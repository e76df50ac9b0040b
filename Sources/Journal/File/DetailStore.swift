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

    /// Gives each of these lines to the closure, with its number among them.
    ///
    /// - Parameter ranges: in ascending order, or it takes long.
    /// - Throws: `failure` when the file cannot be read or is shorter than it was.
    func read(
        _ ranges: [Range<Int>],
        _ body: (Int, UnsafeRawBufferPointer) throws(PlumblineError) -> Void
    ) throws(PlumblineError) {
        switch self {
        case .memory(let lines):
            let answer = lines.withUnsafeBytes { lines in
                Result { () throws(PlumblineError) in
                    for (number, range) in ranges.enumerated() {
                        try body(number, UnsafeRawBufferPointer(rebasing: lines[range]))
                    }
                }
            }
            try answer.get()
        case .file(let path):
            do {
                let file = try Descriptor.open(path)
                var next = 0
                while next < ranges.count {
                    let group = Self.group(of: ranges, from: next)
                    try Self.read(group, of: ranges, in: file, body)
                    next = group.upperBound
                }
            } catch let error as PlumblineError {
                throw error
            } catch {
                throw .failure("\(path): cannot be read: \(error)")
            }
        }
    }

    private static func read(
        _ group: Range<Int>, of ranges: [Range<Int>], in file: borrowing Descriptor,
        _ body: (Int, UnsafeRawBufferPointer) throws(PlumblineError) -> Void
    ) throws {
        let start = ranges[group.lowerBound].lowerBound
        let bytes = try file.bytes(start..<ranges[group.upperBound - 1].upperBound)
        guard start + bytes.count == ranges[group.upperBound - 1].upperBound else {
            throw Errno.ioError
        }
        let answer = bytes.withUnsafeBytes { bytes in
            Result { () throws(PlumblineError) in
                for number in group {
                    let range =
                        ranges[number].lowerBound - start..<ranges[number].upperBound - start
                    try body(number, UnsafeRawBufferPointer(rebasing: bytes[range]))
                }
            }
        }
        try answer.get()
    }

    /// Bytes that are read at once, unless one line is longer.
    private static let groupSize = 256 << 10
    /// Bytes between two lines that are worth another read.
    private static let widestGap = 8 << 10

    /// The next lines that are read at once: they and what is between them.
    private static func group(of ranges: [Range<Int>], from first: Int) -> Range<Int> {
        var end = first + 1
        while end < ranges.count,
            0...widestGap ~= ranges[end].lowerBound - ranges[end - 1].upperBound,
            ranges[end].upperBound - ranges[first].lowerBound <= groupSize
        {
            end += 1
        }
        return first..<end
    }
}
