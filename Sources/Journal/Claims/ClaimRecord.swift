// SPDX-License-Identifier: GPL-3.0-or-later

/// What somebody published of a cell: figures, and the set-up that they were made on.
public struct ClaimRecord: Codable, Sendable, Equatable {
    /// What a figure is about.
    public enum Quantity: String, Codable, Sendable, CaseIterable {
        /// The cell's rate.
        case rate
        /// How long a write takes on average.
        case writeLatency = "mean_write_latency"
        /// How often a worker reclaims directly because it allocates the structure of a request.
        case requestReclaims = "request_reclaims"
    }

    /// One figure.
    public struct Figure: Codable, Sendable, Equatable {
        /// Percentage points of tolerance where a file gives none: the figures that we know come
        /// from one run a cell, without a spread.
        public static let usualTolerance = 2.0

        /// What it is about.
        public var quantity: Quantity
        /// The least change from A to B that was claimed, percent.
        public var low: Double
        /// The greatest one, percent; equal to `low` for a single figure.
        public var high: Double
        /// How far a change may lie outside and still reproduce the claim, percentage points.
        public var tolerance: Double

        /// A figure.
        public init(
            _ quantity: Quantity = .rate, low: Double, high: Double,
            tolerance: Double = usualTolerance
        ) {
            self.quantity = quantity
            self.low = low
            self.high = high
            self.tolerance = tolerance
        }
    }

    /// The figures, at least one, each of another quantity.
    public var figures: [Figure]
    /// What they were made on.
    public var setUp: ClaimSetUp

    private enum CodingKeys: String, CodingKey {
        case figures
        case setUp = "set_up"
    }

    /// A claim.
    public init(_ figures: [Figure], on setUp: ClaimSetUp) {
        self.figures = figures
        self.setUp = setUp
    }
}
