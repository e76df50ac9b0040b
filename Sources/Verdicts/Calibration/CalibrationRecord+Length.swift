// SPDX-License-Identifier: GPL-3.0-or-later

extension CalibrationRecord {
    /// What the blocks of one slice length showed.
    public struct Length: Codable, Sendable, Equatable {
        /// One cell at this length.
        public struct Cell: Codable, Sendable, Equatable {
            /// The cell's name.
            public var name: String
            /// Blocks that were recorded and count.
            public var blocks: Int
            /// The standard deviation of the blocks' effects, percent; absent with too few blocks.
            public var blockDeviation: Double?
            /// The share of the cell's wall time that was measured, from 0 to 1.
            public var measuredShare: Double?
            /// The change that the blocks of 60 s of wall time find with a power of 0.8, percent;
            /// absent with too few blocks.
            public var detectable: Double?

            private enum CodingKeys: String, CodingKey {
                case name, blocks
                case blockDeviation = "block_sd_percent"
                case measuredShare = "measured_share"
                case detectable = "mde80_60s_percent"
            }
        }

        /// The measured part of a slice, nanoseconds.
        public var slice: Int
        /// The unmeasured time before it, nanoseconds.
        public var guardTime: Int
        /// The share of all cells' wall time that was measured, from 0 to 1.
        public var measuredShare: Double?
        /// The median of the cells' MDE, percent; absent when half of the cells have none.
        public var median: Double?
        /// The cells in the order of the suite.
        public var cells: [Cell]

        private enum CodingKeys: String, CodingKey {
            case slice = "slice_ns"
            case guardTime = "guard_ns"
            case measuredShare = "measured_share"
            case median = "mde80_60s_median_percent"
            case cells
        }
    }
}
