// SPDX-License-Identifier: GPL-3.0-or-later

/// A message from the controller to an agent: one JSON object a line.
public enum ControllerMessage: Sendable, Equatable {
    /// Prepare a cell; its workers stay.
    case prepare(PrepareOrder)
    /// Run one slice of a prepared cell.
    case run(SliceOrder)
    /// Give knobs a value, while no slice runs.
    case turn(TurnOrder)
    /// End a cell's workers.
    case release(ReleaseOrder)
    /// Run a probe.
    case probe(ProbeOrder)
    /// Send a `log` message for each change of the machine from now on.
    case verbose
    /// Undo all changes and end.
    case bye
}

extension ControllerMessage: Codable {
    private enum Kind: String, CaseIterable {
        case prepare, turn, run, release, probe, verbose, bye
    }

    private enum CodingKeys: String, CodingKey {
        case kind
    }

    /// Reads a message by its `kind`; fields that are not known are ignored.
    public init(from decoder: any Decoder) throws {
        switch try decoder.kind(Kind.self, of: "controller message") {
        case .prepare: self = .prepare(try PrepareOrder(from: decoder))
        case .turn: self = .turn(try TurnOrder(from: decoder))
        case .run: self = .run(try SliceOrder(from: decoder))
        case .release: self = .release(try ReleaseOrder(from: decoder))
        case .probe: self = .probe(try ProbeOrder(from: decoder))
        case .verbose: self = .verbose
        case .bye: self = .bye
        }
    }

    /// Writes the message's `kind` and its fields in one flat object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func tag(_ kind: Kind) throws { try container.encode(kind.rawValue, forKey: .kind) }
        switch self {
        case .prepare(let order):
            try tag(.prepare)
            try order.encode(to: encoder)
        case .turn(let order):
            try tag(.turn)
            try order.encode(to: encoder)
        case .run(let order):
            try tag(.run)
            try order.encode(to: encoder)
        case .release(let order):
            try tag(.release)
            try order.encode(to: encoder)
        case .probe(let order):
            try tag(.probe)
            try order.encode(to: encoder)
        case .verbose: try tag(.verbose)
        case .bye: try tag(.bye)
        }
    }
}
