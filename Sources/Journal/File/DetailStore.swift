// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// Where a journal's details are: its file or, for a journal that was never one, the memory.
enum DetailStore: Sendable, Equatable {
    /// The open file.
    case file(JournalFile)
    /// The lines, one after the other.
    case memory([UInt8])

    /// Whether both are one file by its path, or have the same lines.
    static func == (a: DetailStore, b: DetailStore) -> Bool {
        switch (a, b) {
        case (.file(let a), .file(let b)): a.path == b.path
        case (.memory(let a), .memory(let b)): a == b
        default: false
        }
    }

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
    /// - Throws: `failure` when the file cannot be read, and when a line is not what it was.
    func read(
        _ ranges: [Range<Int>],
        _ body: (Int, UnsafeRawBufferPointer) throws(PlumblineError) -> Void
    ) throws(PlumblineError) {
        switch self {
        case .memory(let lines):
            try Self.give(lines, from: 0, lines: ranges.indices, of: ranges, body)
        case .file(let file):
            var next = 0
            while next < ranges.count {
                let group = Self.group(of: ranges, from: next)
                let start = ranges[group.lowerBound].lowerBound
                let bytes = try file.bytes(start..<ranges[group.upperBound - 1].upperBound)
                try Self.give(bytes, from: start, lines: group, of: ranges) {
                    (number, line) throws(PlumblineError) in
                    let kind = try? JournalLine.check(line)
                    guard kind?.equals("detail") == true else { throw file.changed }
                    try body(number, line)
                }
                next = group.upperBound
            }
        }
    }

    /// Gives some of the lines to the closure.
    ///
    /// - Parameter start: the place of the first byte.
    private static func give(
        _ bytes: [UInt8], from start: Int, lines numbers: Range<Int>, of ranges: [Range<Int>],
        _ body: (Int, UnsafeRawBufferPointer) throws(PlumblineError) -> Void
    ) throws(PlumblineError) {
        let answer = bytes.withUnsafeBytes { bytes in
            Result { () throws(PlumblineError) in
                for number in numbers {
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
