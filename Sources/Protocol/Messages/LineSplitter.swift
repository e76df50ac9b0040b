// SPDX-License-Identifier: GPL-3.0-or-later

/// Cuts a stream of bytes into lines of a limited length.
public struct LineSplitter: Sendable {
    /// A line of the stream.
    public enum Line: Sendable, Equatable {
        /// A line without its newline.
        case complete([UInt8])
        /// A line over the limit, with its length in bytes.
        case tooLong(Int)

        /// The bytes that it holds.
        package var length: Int {
            if case .complete(let bytes) = self { bytes.count } else { 0 }
        }
    }

    private let limit: Int
    private var held: [UInt8] = []
    private var skipped = 0

    /// A splitter at a line's start.
    public init(limit: Int = LineCodec.messageLimit) { self.limit = limit }

    /// Takes the next bytes, and returns the lines that they complete.
    public mutating func feed(_ bytes: ArraySlice<UInt8>) -> [Line] {
        var lines: [Line] = []
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            hold(rest[..<end])
            lines.append(skipped > 0 ? .tooLong(skipped) : .complete(held))
            held = []
            skipped = 0
            rest = rest[(end + 1)...]
        }
        hold(rest)
        return lines
    }

    /// Takes the next bytes, and returns the lines that they complete.
    public mutating func feed(_ bytes: [UInt8]) -> [Line] { feed(bytes[...]) }

    /// The number of bytes after the last newline.
    public var unfinished: Int { skipped + held.count }

    private mutating func hold(_ bytes: ArraySlice<UInt8>) {
        if skipped > 0 {
            skipped += bytes.count
        } else if held.count + bytes.count > limit {
            skipped = held.count + bytes.count
            held = []
        } else {
            held += bytes
        }
    }
}
