// SPDX-License-Identifier: GPL-3.0-or-later

/// A cell's blocks that were measured and turned out to belong to its warm-up.
///
/// Found without a look at the arms: the first blocks ran at another level than the later ones.
public struct WarmupExtension: Codable, Sendable, Equatable {
    /// The cell's name.
    public var cell: String
    /// The first block that may count; those with a smaller number do not.
    public var firstBlock: Int

    private enum CodingKeys: String, CodingKey {
        case cell
        case firstBlock = "first_block"
    }

    /// An extension.
    public init(cell: String, firstBlock: Int) {
        self.cell = cell
        self.firstBlock = firstBlock
    }
}
