// SPDX-License-Identifier: GPL-3.0-or-later

/// The names of a suite's cells, found again by the bytes of a journal's line.
struct CellNames: Sendable {
    /// In the order of the suite.
    let all: [String]
    private let bytes: [[UInt8]]
    private let places: [String: Int]
    /// Consecutive slices are of one cell, mostly.
    private var last = 0

    init(_ names: [String]) {
        all = names
        bytes = all.map { Array($0.utf8) }
        places = Dictionary(all.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    /// The place of a cell in the suite; nil of one that the suite lacks.
    func place(of name: String) -> Int? { places[name] }

    /// The place of the cell with these bytes as its name; nil of one that the suite lacks.
    mutating func place(of name: UnsafeRawBufferPointer) -> Int? {
        if bytes.indices.contains(last), bytes[last].withUnsafeBytes(name.equals) { return last }
        guard let place = place(of: String(decoding: name, as: UTF8.self)) else { return nil }
        last = place
        return place
    }
}
