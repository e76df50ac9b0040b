// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage

/// What an ELF file, a program or a library, needs before it can run.
///
/// - Source: elf(5), and ld.so(8) for what the parts mean.
public struct ELFFile: Sendable, Equatable {
    /// The processor that a file is for.
    public struct Machine: Sendable, Equatable {
        /// `e_machine`.
        public let number: Int
        /// Whether addresses have 64 bits.
        public let is64Bit: Bool
        /// Whether the first byte of a number is its lowest.
        public let isLittleEndian: Bool

        /// x86-64, the processor of guests.
        public static let x86 = Machine(number: 62, is64Bit: true, isLittleEndian: true)

        /// The processor that this program was built for.
        public static var current: Machine {
            #if arch(arm64)
                Machine(number: 183, is64Bit: true, isLittleEndian: true)
            #else
                .x86
            #endif
        }

        /// Its name as `uname -m` has it, or its number.
        public var name: String {
            switch (number, is64Bit) {
            case (62, true): "x86-64"
            case (62, false): "x32"
            case (3, _): "i386"
            case (183, _): "aarch64"
            case (40, _): "arm"
            case (243, _): "riscv\(is64Bit ? 64 : 32)"
            case (21, _): isLittleEndian ? "ppc64le" : "ppc64"
            case (22, _): "s390x"
            default: "ELF machine \(number)"
            }
        }
    }

    /// The processor that it is for.
    public private(set) var machine: Machine
    /// The program that loads it and its libraries (`PT_INTERP`); nil for a static program or a
    /// library.
    public private(set) var interpreter: String?
    /// Libraries by name (`DT_NEEDED`), in the order of the file.
    public private(set) var needed: [String] = []
    /// Where to look for them before the usual places (`DT_RUNPATH`, else `DT_RPATH`).
    public private(set) var searchPath: [String] = []
    /// Whether `searchPath` serves this file's own libraries only: it is a `DT_RUNPATH`.
    public private(set) var isOwnSearchPath = false

    /// Reads the file's head and its tables; nil where it is no ELF file or a damaged one.
    ///
    /// - Throws: what opening or reading it says.
    public init?(readingFrom path: String) throws(Errno) {
        let file = try Descriptor.open(path)
        guard let head = try Reader(file, at: 0, count: 64),
            Array(head.bytes[0..<4]) == [0x7f, 0x45, 0x4c, 0x46],
            [1, 2].contains(head.bytes[4]), [1, 2].contains(head.bytes[5])
        else { return nil }
        var reader = head
        reader.isLong = head.bytes[4] == 2
        reader.isLittleEndian = head.bytes[5] == 1
        machine = Machine(
            number: reader.number(at: 18, bytes: 2), is64Bit: reader.isLong,
            isLittleEndian: reader.isLittleEndian)
        let long = reader.isLong
        let start = reader.word(at: long ? 32 : 28)
        let (size, count) = (
            reader.number(at: long ? 54 : 42, bytes: 2), reader.number(at: long ? 56 : 44, bytes: 2)
        )
        guard size >= (long ? 56 : 32), count > 0,
            let table = try reader.part(of: file, at: start, count: size * count)
        else { return nil }
        var segments: [Segment] = []
        for place in 0..<count { segments.append(Segment(table, at: place * size)) }
        if let segment = segments.first(where: { $0.kind == Segment.interpreter }),
            let part = try reader.part(of: file, at: segment.offset, count: segment.size)
        {
            interpreter = part.text(at: 0)
        }
        guard let segment = segments.first(where: { $0.kind == Segment.dynamic }),
            let part = try reader.part(of: file, at: segment.offset, count: segment.size)
        else { return }
        try readDynamic(part, of: file, segments)
    }

    private mutating func readDynamic(
        _ table: Reader, of file: borrowing Descriptor, _ segments: [Segment]
    ) throws(Errno) {
        let width = table.isLong ? 16 : 8
        var entries: [(tag: Int, value: Int)] = []
        for place in 0..<table.bytes.count / width {
            let tag = table.word(at: place * width)
            if tag == 0 { break }
            entries.append((tag, table.word(at: place * width + width / 2)))
        }
        func value(_ tag: Int) -> Int? { entries.first { $0.tag == tag }?.value }
        guard let address = value(Tag.strings), let size = value(Tag.stringsSize),
            let start = Self.place(of: address, segments),
            let strings = try table.part(of: file, at: start, count: size)
        else { return }
        needed = entries.filter { $0.tag == Tag.needed }.compactMap { strings.text(at: $0.value) }
        isOwnSearchPath = value(Tag.runPath) != nil
        if let place = value(Tag.runPath) ?? value(Tag.oldRunPath),
            let text = strings.text(at: place)
        {
            searchPath = text.split(separator: ":").map(String.init)
        }
    }

    /// Where in the file an address is; nil where no segment has it. The numbers of a damaged file
    /// may be any.
    private static func place(of address: Int, _ segments: [Segment]) -> Int? {
        let load = segments.first {
            $0.kind == Segment.load && $0.address >= 0 && address >= $0.address
                && address - $0.address < $0.size
        }
        guard let load else { return nil }
        let (place, isTooLarge) =
            (address - load.address).addingReportingOverflow(load.offset)
        return isTooLarge ? nil : place
    }

    private enum Tag {
        static let needed = 1
        static let strings = 5
        static let stringsSize = 10
        static let oldRunPath = 15
        static let runPath = 29
    }

    /// An entry of the program header table.
    private struct Segment {
        static let load = 1
        static let dynamic = 2
        static let interpreter = 3

        let kind: Int
        let offset: Int
        let address: Int
        let size: Int

        init(_ table: Reader, at start: Int) {
            kind = table.number(at: start, bytes: 4)
            offset = table.word(at: start + (table.isLong ? 8 : 4))
            address = table.word(at: start + (table.isLong ? 16 : 8))
            size = table.word(at: start + (table.isLong ? 32 : 16))
        }
    }

    /// Some bytes of a file, and how its numbers are written.
    private struct Reader {
        /// More than the tables of any program.
        private static let limit = 64 << 20

        var bytes: [UInt8]
        var isLong = true
        var isLittleEndian = true

        /// Nil where the file ends before.
        init?(_ file: borrowing Descriptor, at start: Int, count: Int) throws(Errno) {
            guard (1...Self.limit).contains(count), (0...Int.max - count).contains(start) else {
                return nil
            }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
            defer { buffer.deallocate() }
            var done = 0
            while done < count {
                let got = try file.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]), at: start + done
                )
                guard got > 0 else { return nil }
                done += got
            }
            bytes = Array(buffer)
        }

        func part(
            of file: borrowing Descriptor, at start: Int, count: Int
        ) throws(Errno) -> Reader? {
            guard var part = try Reader(file, at: start, count: count) else { return nil }
            (part.isLong, part.isLittleEndian) = (isLong, isLittleEndian)
            return part
        }

        /// A number; -1 where the bytes end before, or where it is too large for a place.
        func number(at start: Int, bytes width: Int) -> Int {
            guard start >= 0, start <= bytes.count - width else { return -1 }
            var value: UInt64 = 0
            for place in 0..<width {
                let byte = bytes[isLittleEndian ? start + width - 1 - place : start + place]
                value = value << 8 | UInt64(byte)
            }
            return Int(exactly: value) ?? -1
        }

        /// An address or a size.
        func word(at start: Int) -> Int { number(at: start, bytes: isLong ? 8 : 4) }

        /// The text up to its null byte; nil where there is none.
        func text(at start: Int) -> String? {
            guard start >= 0, start < bytes.count,
                let end = bytes[start...].firstIndex(of: 0)
            else { return nil }
            return String(validating: bytes[start..<end], as: UTF8.self)
        }
    }
}
