// SPDX-License-Identifier: GPL-3.0-or-later

/// A message from the controller to an agent: one JSON object a line.
public enum ControllerMessage: Sendable, Equatable {
    /// Run one slice.
    case run(SliceOrder)
    /// Undo all changes and end.
    case bye
}

extension ControllerMessage: Codable {
    private enum Kind: String, CaseIterable {
        case run, bye
    }

    private enum CodingKeys: String, CodingKey {
        case kind
    }

    /// Reads a message by its `kind`; fields that are not known are ignored.
    public init(from decoder: any Decoder) throws {
        switch try decoder.kind(Kind.self, of: "controller message") {
        case .run: self = .run(try SliceOrder(from: decoder))
        case .bye: self = .bye
        }
    }

    /// Writes the message's `kind` and its fields in one flat object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .run(let order):
            try container.encode(Kind.run.rawValue, forKey: .kind)
            try order.encode(to: encoder)
        case .bye: try container.encode(Kind.bye.rawValue, forKey: .kind)
        }
    }
}
