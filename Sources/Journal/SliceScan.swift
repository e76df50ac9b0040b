// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A slice's line, read without its evidence.
struct SliceScan {
    /// A kind of operation, its histogram still as it stands in the line.
    struct Track {
        var name: String
        var latency: LatencyFigures
    }

    /// The slice.
    var slice = SliceSummary(cell: 0)
    /// Those that were timed.
    var tracks: [Track] = []

    private var fields: UInt8 = 0

    /// Reads a line whose checksum holds; the scan is good while the bytes are there.
    ///
    /// - Parameter cells: the place of each cell's name in the suite.
    /// - Returns: `nil` for another kind of line.
    /// - Throws: for what has to be read by a `JSONDecoder`.
    init?(
        _ line: UnsafeRawBufferPointer, cells: [String: Int]
    ) throws(LineScanner.Irregular) {
        var scanner = try LineScanner(line)
        var isSlice = false
        try scanner.object { (key, scanner) throws(LineScanner.Irregular) in
            if key.isText("kind") {
                isSlice = try scanner.string().isText("slice")
            } else {
                try member(key, &scanner, cells)
            }
        }
        guard isSlice else { return nil }
        guard fields == 0b11111 else { throw LineScanner.Irregular() }
    }

    @inline(__always)
    private mutating func member(
        _ key: UnsafeRawBufferPointer, _ scanner: inout LineScanner, _ cells: [String: Int]
    ) throws(LineScanner.Irregular) {
        if key.isText("arm") {
            let name = String(decoding: try scanner.string(), as: UTF8.self)
            guard let arm = Arm(rawValue: name) else { throw LineScanner.Irregular() }
            slice.arm = arm
        } else if key.isText("block") {
            slice.block = try scanner.place()
        } else if key.isText("bytes") {
            slice.bytes = try scanner.count()
            fields |= 1
        } else if key.isText("cell") {
            let name = String(decoding: try scanner.string(), as: UTF8.self)
            guard let place = cells[name] else { throw LineScanner.Irregular() }
            slice.cell = place
            fields |= 2
        } else if key.isText("evidence") {
            try evidence(&scanner)
        } else if key.isText("interval_ns") {
            slice.interval = try scanner.count()
            fields |= 4
        } else if key.isText("operations") {
            slice.operations = try scanner.count()
            fields |= 8
        } else if key.isText("position") {
            slice.position = try scanner.place()
        } else if key.isText("pressure") {
            try pressure(&scanner)
        } else if key.isText("round") {
            slice.round = try scanner.place()
        } else if key.isText("tracks") {
            try tracks(&scanner)
        } else if key.isText("validity") {
            try validity(&scanner)
        } else if key.isText("visit") {
            slice.visit = try scanner.place()
            fields |= 16
        } else if key.isText("warmup") {
            slice.isWarmup = try scanner.flag()
        } else {
            try scanner.skip()
        }
    }

    private mutating func evidence(_ scanner: inout LineScanner) throws(LineScanner.Irregular) {
        try scanner.object { (key, scanner) throws(LineScanner.Irregular) in
            if key.isText("cpu") {
                let steal = try Self.member("steal", &scanner)
                slice.steal = steal.map { Int64(clamping: $0) }
            } else if key.isText("perf") {
                slice.instructions = try Self.member("kernel_instructions", &scanner)
            } else if key.isText("workers") {
                try workers(&scanner)
            } else {
                try scanner.skip()
            }
        }
    }

    private mutating func workers(_ scanner: inout LineScanner) throws(LineScanner.Irregular) {
        try scanner.object { (key, scanner) throws(LineScanner.Irregular) in
            if key.isText("reclaim_stalls") {
                slice.workerStalls = try scanner.count()
            } else if key.isText("reclaim_stall_us") {
                slice.workerStallTime = try scanner.count()
            } else {
                try scanner.skip()
            }
        }
    }

    /// The count of this name in an object; `nil` without.
    private static func member(
        _ name: StaticString, _ scanner: inout LineScanner
    ) throws(LineScanner.Irregular) -> UInt64? {
        var count: UInt64?
        try scanner.object { (key, scanner) throws(LineScanner.Irregular) in
            if key.isText(name) {
                count = try scanner.count()
            } else {
                try scanner.skip()
            }
        }
        return count
    }

    private mutating func pressure(_ scanner: inout LineScanner) throws(LineScanner.Irregular) {
        try scanner.object { (key, scanner) throws(LineScanner.Irregular) in
            guard key.isText("proof") else { return try scanner.skip() }
            slice.stalls = try Self.member("allocstall", &scanner)
        }
    }

    private mutating func validity(_ scanner: inout LineScanner) throws(LineScanner.Irregular) {
        try scanner.object { (key, scanner) throws(LineScanner.Irregular) in
            guard key.isText("reasons") else { return try scanner.skip() }
            try scanner.object { (reason, scanner) throws(LineScanner.Irregular) in
                let detail = String(decoding: try scanner.string(), as: UTF8.self)
                slice.reasons[String(decoding: reason, as: UTF8.self)] = detail
            }
        }
    }

    private mutating func tracks(_ scanner: inout LineScanner) throws(LineScanner.Irregular) {
        try scanner.object { (name, scanner) throws(LineScanner.Irregular) in
            try scanner.object { (key, scanner) throws(LineScanner.Irregular) in
                guard key.isText("latency_ns") else { return try scanner.skip() }
                tracks.append(
                    Track(
                        name: String(decoding: name, as: UTF8.self),
                        latency: try Self.latency(&scanner)))
            }
        }
    }

    private static func latency(
        _ scanner: inout LineScanner
    ) throws(LineScanner.Irregular) -> LatencyFigures {
        var figures = LatencyFigures()
        try scanner.object { (key, scanner) throws(LineScanner.Irregular) in
            if key.isText("count") {
                figures.count = try scanner.count()
            } else if key.isText("mean") {
                figures.mean = try scanner.number()
            } else if key.isText("min") {
                figures.min = try scanner.count()
            } else if key.isText("max") {
                figures.max = try scanner.count()
            } else if key.isText("closed_loop") {
                figures.closedLoop = try scanner.flag()
            } else if key.isText("histogram") {
                figures.histogram = try scanner.string()
            } else {
                try scanner.skip()
            }
        }
        return figures
    }
}
