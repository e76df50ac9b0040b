// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A message from an agent to the controller: one JSON object a line.
public enum AgentMessage: Sendable, Equatable {
    /// The first line: the agent's machine and capabilities.
    case hello(Hello)
    /// The cell ordered under this number is prepared, and its workers are parked.
    case prepared(order: Int)
    /// The knobs of this order have their values, which were read back.
    case turned(order: Int)
    /// The slice ordered under this number ran.
    case result(order: Int, slice: SliceRecord)
    /// The workers are gone; with the visit's record, unless it had ended before.
    case released(order: Int, visit: VisitRecord?)
    /// The probe of this order ended.
    case probed(order: Int, record: ProbeRecord)
    /// The order of this number could not be carried out; `nil` when a line could not be read.
    case failed(order: Int?, error: PlumblineError)
    /// All slices of this agent since its start are void; the cell is not at fault.
    case unfit(order: Int, error: PlumblineError)
    /// A message for the user.
    case log(String)
    /// Still busy with this order.
    case heartbeat(order: Int)
    /// The last line: all changes are undone.
    case bye
}

extension AgentMessage: Codable {
    private enum Kind: String, CaseIterable {
        case hello, prepared, turned, result, released, probed, failed, unfit, log, heartbeat, bye
    }

    private enum CodingKeys: String, CodingKey {
        case kind, order, slice, visit, record, error, text
    }

    /// Reads a message by its `kind`; fields that are not known are ignored.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try decoder.kind(Kind.self, of: "agent message") {
        case .hello: self = .hello(try Hello(from: decoder))
        case .prepared:
            self = .prepared(order: try container.decode(Int.self, forKey: .order))
        case .turned:
            self = .turned(order: try container.decode(Int.self, forKey: .order))
        case .released:
            self = .released(
                order: try container.decode(Int.self, forKey: .order),
                visit: try container.decodeIfPresent(VisitRecord.self, forKey: .visit))
        case .result:
            self = .result(
                order: try container.decode(Int.self, forKey: .order),
                slice: try container.decode(SliceRecord.self, forKey: .slice))
        case .probed:
            self = .probed(
                order: try container.decode(Int.self, forKey: .order),
                record: try container.decode(ProbeRecord.self, forKey: .record))
        case .failed:
            self = .failed(
                order: try container.decodeIfPresent(Int.self, forKey: .order),
                error: try container.decode(PlumblineError.self, forKey: .error))
        case .unfit:
            self = .unfit(
                order: try container.decode(Int.self, forKey: .order),
                error: try container.decode(PlumblineError.self, forKey: .error))
        case .log: self = .log(try container.decode(String.self, forKey: .text))
        case .heartbeat:
            self = .heartbeat(order: try container.decode(Int.self, forKey: .order))
        case .bye: self = .bye
        }
    }

    /// Writes the message's `kind` and its fields in one flat object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func tag(_ kind: Kind) throws { try container.encode(kind.rawValue, forKey: .kind) }
        switch self {
        case .hello(let hello):
            try tag(.hello)
            try hello.encode(to: encoder)
        case .prepared(let order):
            try tag(.prepared)
            try container.encode(order, forKey: .order)
        case .turned(let order):
            try tag(.turned)
            try container.encode(order, forKey: .order)
        case .released(let order, let visit):
            try tag(.released)
            try container.encode(order, forKey: .order)
            try container.encodeIfPresent(visit, forKey: .visit)
        case .result(let order, let slice):
            try tag(.result)
            try container.encode(order, forKey: .order)
            try container.encode(slice, forKey: .slice)
        case .probed(let order, let record):
            try tag(.probed)
            try container.encode(order, forKey: .order)
            try container.encode(record, forKey: .record)
        case .failed(let order, let error):
            try tag(.failed)
            try container.encodeIfPresent(order, forKey: .order)
            try container.encode(error, forKey: .error)
        case .unfit(let order, let error):
            try tag(.unfit)
            try container.encode(order, forKey: .order)
            try container.encode(error, forKey: .error)
        case .log(let text):
            try tag(.log)
            try container.encode(text, forKey: .text)
        case .heartbeat(let order):
            try tag(.heartbeat)
            try container.encode(order, forKey: .order)
        case .bye: try tag(.bye)
        }
    }
}
