// SPDX-License-Identifier: GPL-3.0-or-later

/// `{"low": 6, "high": 28}`, or `{"stalls": 0}`.
extension ComparisonRecord.Claim: Codable {
    private enum CodingKeys: CodingKey { case low, high, stalls }

    /// Reads either form.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        if values.contains(.stalls) {
            self = .noStalls
        } else {
            self = .change(
                low: try values.decode(Double.self, forKey: .low),
                high: try values.decode(Double.self, forKey: .high))
        }
    }

    /// Writes its form.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .change(let low, let high):
            try values.encode(low, forKey: .low)
            try values.encode(high, forKey: .high)
        case .noStalls: try values.encode(0, forKey: .stalls)
        }
    }
}
