// SPDX-License-Identifier: GPL-3.0-or-later

/// A page of a CPU's trace buffer as the kernel keeps it.
///
/// A header of 16 bytes, the time and the bytes that are used, and then events: each has a word with
/// its length in 5 bits and the nanoseconds since the one before it in 27.
///
/// Source: include/linux/ring_buffer.h, kernel/trace/ring_buffer.c, and `events/header_page` and
/// `events/header_event` of tracefs.
package struct TracePage {
    private static let headerSize = 16
    /// Bits of the length word: events were dropped before this page, and their number is stored.
    private static let flags: UInt64 = 3 << 30

    private let bytes: UnsafeRawBufferPointer

    /// A page whose bytes stay where they are while the value lives.
    package init(_ bytes: Slice<UnsafeRawBufferPointer>) {
        self.bytes = UnsafeRawBufferPointer(rebasing: bytes)
    }

    /// Whether events were dropped before it.
    package var hasHole: Bool { (load(8, as: UInt64.self) ?? 0) & Self.flags != 0 }

    /// Adds those of its events that the formats have; what is damaged ends the page.
    package func add(to records: inout [TraceRecord], cpu: Int, _ formats: TraceFormats) {
        guard var time = load(0, as: UInt64.self), let word = load(8, as: UInt64.self) else {
            return
        }
        let end = min(bytes.count, Self.headerSize + Int(word & 0x3fff_ffff))
        var at = Self.headerSize
        while at + 4 <= end, let head = load(at, as: UInt32.self) {
            let (kind, delta) = (Int(head & 31), UInt64(head >> 5))
            let next = load(at + 4, as: UInt32.self).map { UInt64($0) } ?? 0
            at += 4
            switch kind {
            case 30:
                time &+= next << 27 | delta
                at += 4
            case 31:
                // The upper 5 bits are those of the time before.
                time = time & 0xf800_0000_0000_0000 | next << 27 | delta
                at += 4
            case 29:
                guard delta > 0, next > 0 else { return }
                time &+= delta
                at += Int(next)
            default:
                time &+= delta
                // A long event has its length, this word included, in a word of its own.
                let start = kind == 0 ? at + 4 : at
                let stop = kind == 0 ? at + Int(next) : at + 4 * kind
                guard stop <= end, stop > start || kind > 0 else { return }
                add(start..<stop, at: time, cpu: cpu, formats, to: &records)
                at = stop
            }
        }
    }

    private func add(
        _ range: Range<Int>, at time: UInt64, cpu: Int, _ formats: TraceFormats,
        to records: inout [TraceRecord]
    ) {
        // Every event begins with its number, its flags, a count of preemption, and the thread.
        guard range.count >= 8, let number = load(range.lowerBound, as: UInt16.self),
            let event = formats.events[Int(number)],
            let flags = load(range.lowerBound + 2, as: UInt8.self),
            let thread = load(range.lowerBound + 4, as: Int32.self)
        else { return }
        var record = TraceRecord(
            nanoseconds: time, cpu: cpu, context: .init(flags: flags), thread: thread,
            event: event.place)
        for (place, field) in event.fields.enumerated() {
            guard let field, let value = value(field, in: range) else { continue }
            switch place {
            case 0: record.fields.0 = value
            case 1: record.fields.1 = value
            default: record.fields.2 = value
            }
        }
        if let stack = event.stack {
            for at in stride(from: range.lowerBound + stack, to: range.upperBound - 7, by: 8) {
                guard let address = load(at, as: UInt64.self), address != 0 else { break }
                record.stack.append(address)
            }
        }
        records.append(record)
    }

    /// A field's value as an unsigned number.
    private func value(_ field: TraceFormats.Field, in range: Range<Int>) -> UInt64? {
        let at = range.lowerBound + field.offset
        guard at + field.size <= range.upperBound else { return nil }
        switch field.size {
        case 1: return load(at, as: UInt8.self).map { UInt64($0) }
        case 2: return load(at, as: UInt16.self).map { UInt64($0) }
        case 4: return load(at, as: UInt32.self).map { UInt64($0) }
        case 8: return load(at, as: UInt64.self)
        default: return nil
        }
    }

    private func load<T: BitwiseCopyable>(_ at: Int, as type: T.Type) -> T? {
        guard at >= 0, at + MemoryLayout<T>.size <= bytes.count else { return nil }
        return bytes.loadUnaligned(fromByteOffset: at, as: type)
    }
}
