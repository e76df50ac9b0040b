// SPDX-License-Identifier: GPL-3.0-or-later

/// Slices in some 25 bytes each: a long journal has a million of them in memory.
///
/// Of each number only how far it is from that of the slice before is kept, and nothing where it
/// is the same.
struct PackedSlices: Sendable, Equatable {
    /// Consecutive slices of one cell, which are read without those before them.
    private struct Run: Sendable, Equatable {
        var cell: Int32
        var count: Int32
        /// Where its bytes begin.
        var start: Int
    }

    /// The numbers of a slice.
    private static let width = {
        var (slice, void, writer) = (SliceSummary(), Packed<Int32>(), NumberWriter())
        slice.pass(&writer)
        writer.pass(&void)
        return writer.numbers.count
    }()

    /// How many there are.
    private(set) var count = 0
    /// The bytes that they take.
    var size: Int { bytes.count }
    private var runs: [Run] = []
    private var bytes: [UInt8] = []
    /// Why slices are void, each set of reasons once.
    private var voids: [[String: String]] = []
    private var voidPlaces: [[String: String]: Int] = [:]
    /// The numbers of the last slice.
    private var last: [UInt64] = []
    /// Room for those of the next one.
    private var room: [UInt64] = []

    /// Slices in the order in which they ran.
    init(_ slices: [SliceSummary] = []) {
        for slice in slices { append(slice) }
        // Without the room that an array keeps for more.
        bytes = [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            count = buffer.initialize(fromContentsOf: bytes)
        }
    }

    /// Adds a slice.
    mutating func append(_ slice: SliceSummary) {
        let cell = Int32(clamping: slice.place)
        if runs.last?.cell != cell {
            runs.append(Run(cell: cell, count: 0, start: bytes.count))
            last = Array(repeating: 0, count: Self.width)
        }
        runs[runs.count - 1].count += 1
        count += 1
        let numbers = numbers(of: slice)
        var changed: UInt64 = 0
        for place in numbers.indices where numbers[place] != last[place] { changed |= 1 << place }
        put(changed)
        for place in numbers.indices where changed & 1 << place != 0 {
            let step = Int64(bitPattern: numbers[place] &- last[place])
            put(UInt64(bitPattern: step << 1 ^ step >> 63))
        }
        (room, last) = (last, numbers)
    }

    private mutating func numbers(of slice: SliceSummary) -> [UInt64] {
        var (slice, writer) = (slice, NumberWriter(numbers: room))
        room = []
        writer.numbers.removeAll(keepingCapacity: true)
        slice.pass(&writer)
        var void = Packed<Int32>(slice.void.map { place(of: $0) })
        writer.pass(&void)
        return writer.numbers
    }

    private mutating func place(of reasons: [String: String]) -> Int {
        if let place = voidPlaces[reasons] { return place }
        voids.append(reasons)
        voidPlaces[reasons] = voids.count - 1
        return voids.count - 1
    }

    /// Gives the slices of the cell at a place in the suite, or all; their cells have no names.
    func forEach(of cell: Int? = nil, _ body: (SliceSummary) -> Void) {
        for run in runs where cell == nil || cell == Int(run.cell) {
            var reader = NumberReader(Array(repeating: 0, count: Self.width))
            var at = run.start
            for _ in 0..<run.count {
                var changed = take(&at)
                while changed != 0 {
                    let step = take(&at)
                    reader.numbers[changed.trailingZeroBitCount] &+= step >> 1 ^ (0 &- (step & 1))
                    changed &= changed - 1
                }
                reader.restart()
                var (slice, void) = (SliceSummary(), Packed<Int32>())
                slice.pass(&reader)
                reader.pass(&void)
                slice.void = void.value().map { voids[$0] }
                slice.place = Int(run.cell)
                body(slice)
            }
        }
    }

    /// Adds a number in as many bytes as it has sevens of bits.
    private mutating func put(_ number: UInt64) {
        var rest = number
        while rest > 127 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Reads the number at a place, and moves the place behind it.
    private func take(_ at: inout Int) -> UInt64 {
        var (number, shift) = (UInt64(0), UInt64(0))
        while true {
            let byte = UInt64(bytes[at])
            at += 1
            number |= (byte & 127) << shift
            if byte < 128 { return number }
            shift += 7
        }
    }
}
