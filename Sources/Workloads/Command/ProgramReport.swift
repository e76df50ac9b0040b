// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// What a program did in a slice and what it printed, in memory that its worker shares with the
/// agent.
///
/// Of what it prints the first bytes are kept for the metrics, and the last ones for messages; a
/// gigabyte takes no more memory than that.
final class ProgramReport: @unchecked Sendable {
    /// How a slice of a program ended.
    enum End: Sendable, Equatable {
        /// No slice yet.
        case none
        /// It did what it was asked to do.
        case done
        /// It exited with this status: a program that runs once, other than 0; one that stays, any.
        case exited(Int32)
        /// A signal killed it.
        case signalled(Int32)
        /// It took longer than it may.
        case timedOut
        /// It could not be started.
        case refused(Errno)
        /// A process of it cannot be killed.
        case unkillable
        /// One that stays printed on its standard output before it was asked for an answer.
        case printedEarly
        /// One that stays printed more on its standard output than a line.
        case printedMore
    }

    private struct Head {
        var group: Int32 = 0
        var end: Int32 = 0
        var detail: Int32 = 0
        var time: UInt64 = 0
        var usage = ResourceUsage()
        var output = Stream()
        var lineEnd: UInt64 = 0
        var errors = Stream()
        var printed: UInt64 = 0
    }

    /// One of the program's two streams.
    private struct Stream {
        /// Bytes that it printed in all.
        var count: UInt64 = 0
    }

    /// Bytes of its standard error that are kept for metrics.
    static let errorLimit = 1 << 20
    /// Bytes of the last that it printed, on both streams.
    private static let tailLimit = 4096
    /// Characters of that in a message.
    private static let tailWidth = 300

    private let memory: MappedMemory
    private let outputStart: Int
    private let errorStart: Int
    private let tailStart: Int

    init() throws(Errno) {
        outputStart = (MemoryLayout<Head>.stride + 63) & ~63
        errorStart = outputStart + CommandWorkload.outputLimit
        tailStart = errorStart + Self.errorLimit
        memory = try MappedMemory(bytes: tailStart + Self.tailLimit, shared: true)
        head.initialize(to: Head())
    }

    private var head: UnsafeMutablePointer<Head> {
        memory.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Head.self)
    }

    /// The process group of the program that runs; nil while none does.
    var group: Int32? {
        get { head.pointee.group > 0 ? head.pointee.group : nil }
        set { head.pointee.group = newValue ?? 0 }
    }

    /// How the slice ended.
    var end: End {
        get {
            switch head.pointee.end {
            case 1: .done
            case 2: .exited(head.pointee.detail)
            case 3: .signalled(head.pointee.detail)
            case 4: .timedOut
            case 5: .refused(Errno(rawValue: head.pointee.detail))
            case 6: .unkillable
            case 7: .printedEarly
            case 8: .printedMore
            default: .none
            }
        }
        set {
            let (end, detail): (Int32, Int32) =
                switch newValue {
                case .none: (0, 0)
                case .done: (1, 0)
                case .exited(let status): (2, status)
                case .signalled(let signal): (3, signal)
                case .timedOut: (4, 0)
                case .refused(let error): (5, error.rawValue)
                case .unkillable: (6, 0)
                case .printedEarly: (7, 0)
                case .printedMore: (8, 0)
                }
            (head.pointee.end, head.pointee.detail) = (end, detail)
        }
    }

    /// The program's own time, from its start to its end, nanoseconds; 0 of one that stays.
    var time: UInt64 {
        get { head.pointee.time }
        set { head.pointee.time = newValue }
    }

    /// What it and its children used in the slice.
    var usage: ResourceUsage {
        get { head.pointee.usage }
        set { head.pointee.usage = newValue }
    }

    /// Forgets what the program printed and how it ended; its group stays.
    func reset() {
        let group = head.pointee.group
        head.pointee = Head(group: group)
    }

    /// Takes what was read from its standard output, or from its standard error.
    func take(_ bytes: UnsafeRawBufferPointer, isError: Bool) {
        let count = Int(isError ? head.pointee.errors.count : head.pointee.output.count)
        let start = isError ? errorStart : outputStart
        let limit = isError ? Self.errorLimit : CommandWorkload.outputLimit
        copy(bytes.prefix(max(0, limit - count)), to: start + count)
        if isError {
            head.pointee.errors.count += UInt64(bytes.count)
        } else {
            if head.pointee.lineEnd == 0, let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                head.pointee.lineEnd = UInt64(count + end + 1)
            }
            head.pointee.output.count += UInt64(bytes.count)
        }
        // A ring: what does not fit behind the last byte goes to the beginning.
        let last = bytes.suffix(Self.tailLimit)
        let place = Int(head.pointee.printed % UInt64(Self.tailLimit))
        let first = last.prefix(Self.tailLimit - place)
        copy(first, to: tailStart + place)
        copy(last.dropFirst(first.count), to: tailStart)
        head.pointee.printed += UInt64(last.count)
    }

    private func copy(_ bytes: Slice<UnsafeRawBufferPointer>, to start: Int) {
        guard !bytes.isEmpty else { return }
        UnsafeMutableRawBufferPointer(rebasing: memory.bytes[start...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes))
    }

    /// The first bytes of its standard output; nil where it printed more than is kept.
    var output: [UInt8]? {
        part(outputStart, head.pointee.output.count, limit: CommandWorkload.outputLimit)
    }

    /// The first bytes of its standard error; nil where it printed more than is kept.
    var errors: [UInt8]? { part(errorStart, head.pointee.errors.count, limit: Self.errorLimit) }

    private func part(_ start: Int, _ count: UInt64, limit: Int) -> [UInt8]? {
        count <= UInt64(limit) ? Array(memory.bytes[start..<start + Int(count)]) : nil
    }

    /// Whether it printed more on its standard output than is kept.
    var isOverfull: Bool { head.pointee.output.count > UInt64(CommandWorkload.outputLimit) }

    /// How much it printed on its standard output.
    var outputSize: UInt64 { head.pointee.output.count }

    /// How much it printed on its standard error.
    var errorSize: UInt64 { head.pointee.errors.count }

    /// The place behind the first line of its standard output; nil without a whole one that is kept.
    var firstLineEnd: Int? {
        let end = Int(head.pointee.lineEnd)
        return (1...CommandWorkload.outputLimit).contains(end) ? end : nil
    }

    /// What it printed last, in a few words for a message: `; it printed last: 'no such file'`.
    var lastWords: String {
        let printed = head.pointee.printed
        guard printed > 0 else { return "; it printed nothing" }
        let count = Int(min(printed, UInt64(Self.tailLimit)))
        let tail = (0..<count).map { place -> UInt8 in
            let at = (printed - UInt64(count - place)) % UInt64(Self.tailLimit)
            return memory.bytes[tailStart + Int(at)]
        }
        let lines = String(decoding: tail, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map(\.trimmed).filter { !$0.isEmpty }
        let text = lines.suffix(3).joined(separator: " | ").printable
        let cut = text.count > Self.tailWidth ? "…\(text.suffix(Self.tailWidth))" : text
        return cut.isEmpty ? "; it printed blanks only" : "; it printed last: '\(cut)'"
    }
}
