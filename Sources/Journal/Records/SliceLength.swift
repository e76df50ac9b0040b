// SPDX-License-Identifier: GPL-3.0-or-later

/// A cell's slices from now on, which are longer than planned because few operations fit.
///
/// Found in the warm-up, without a look at the arms.
public struct SliceLength: Codable, Sendable, Equatable {
    /// The cell's name.
    public var cell: String
    /// The measured part of a slice, nanoseconds.
    public var slice: Int

    private enum CodingKeys: String, CodingKey {
        case cell
        case slice = "slice_ns"
    }

    /// A cell's length.
    public init(cell: String, slice: Int) {
        self.cell = cell
        self.slice = slice
    }
}
