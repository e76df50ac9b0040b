// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A line of a journal after its header.
public enum JournalEvent: Sendable, Equatable {
    /// A slice ran; it may be void, see its validity.
    case slice(SliceRecord)
    /// A cell could not run, and is not tried again before a resume.
    case cellFailed(CellFailure)
    /// Blocks of a cell that were measured belong to its warm-up.
    case warmupExtended(WarmupExtension)
    /// Both arms' guests are up.
    case round(RoundRecord)
    /// What a round measured does not count.
    case roundVoid(RoundVoid)
    /// The experiment went on after an end or a kill.
    case resumed(Resumption)
    /// The experiment ended.
    case end(Ending)

    /// A cell that could not run.
    public struct CellFailure: Codable, Sendable, Equatable {
        /// The cell's name.
        public var cell: String
        /// The arm on which it failed; absent where there is only one.
        public var arm: Arm?
        /// Which visit failed, from 0.
        public var visit: Int
        /// Why.
        public var error: PlumblineError

        /// A failure.
        public init(cell: String, arm: Arm? = nil, visit: Int, error: PlumblineError) {
            self.cell = cell
            self.arm = arm
            self.visit = visit
            self.error = error
        }
    }

    /// Where an experiment went on.
    public struct Resumption: Codable, Sendable, Equatable {
        /// The tool's version that goes on.
        public var toolVersion: String
        /// CLOCK_REALTIME, nanoseconds since 1970.
        public var at: UInt64
        /// The kernel and machine, which may have been booted anew.
        public var host: Hello

        private enum CodingKeys: String, CodingKey {
            case toolVersion = "tool_version"
            case at = "at_ns"
            case host
        }

        /// A resumption by this version.
        public init(at: UInt64, host: Hello) {
            toolVersion = plumblineVersion
            self.at = at
            self.host = host
        }
    }

    /// How an experiment ended.
    public struct Ending: Codable, Sendable, Equatable {
        /// The ways to end.
        public enum State: String, Codable, Sendable {
            /// Everything planned was tried.
            case finished
            /// A signal ended it early.
            case interrupted
            /// The agent could not go on.
            case failed
        }
        /// How it ended.
        public var state: State
        /// CLOCK_REALTIME, nanoseconds since 1970.
        public var at: UInt64

        private enum CodingKeys: String, CodingKey {
            case state
            case at = "at_ns"
        }

        /// An end.
        public init(state: State, at: UInt64) {
            self.state = state
            self.at = at
        }
    }
}

extension JournalEvent: Codable {
    private enum Kind: String, CaseIterable {
        case slice
        case cellFailed = "cell-failed"
        case warmupExtended = "warmup-extended"
        case round
        case roundVoid = "round-void"
        case resumed, end
    }

    private enum CodingKeys: String, CodingKey { case kind }

    /// Reads an event by its `kind`; fields that are not known are ignored.
    public init(from decoder: any Decoder) throws {
        switch try Tagged.kind(Kind.self, of: decoder, what: "journal line") {
        case .slice: self = .slice(try SliceRecord(from: decoder))
        case .cellFailed: self = .cellFailed(try CellFailure(from: decoder))
        case .warmupExtended: self = .warmupExtended(try WarmupExtension(from: decoder))
        case .round: self = .round(try RoundRecord(from: decoder))
        case .roundVoid: self = .roundVoid(try RoundVoid(from: decoder))
        case .resumed: self = .resumed(try Resumption(from: decoder))
        case .end: self = .end(try Ending(from: decoder))
        }
    }

    /// Writes the event's `kind` and its fields in one flat object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func tag(_ kind: Kind) throws { try container.encode(kind.rawValue, forKey: .kind) }
        switch self {
        case .slice(let slice):
            try tag(.slice)
            try slice.encode(to: encoder)
        case .cellFailed(let failure):
            try tag(.cellFailed)
            try failure.encode(to: encoder)
        case .warmupExtended(let warmup):
            try tag(.warmupExtended)
            try warmup.encode(to: encoder)
        case .round(let round):
            try tag(.round)
            try round.encode(to: encoder)
        case .roundVoid(let round):
            try tag(.roundVoid)
            try round.encode(to: encoder)
        case .resumed(let resumption):
            try tag(.resumed)
            try resumption.encode(to: encoder)
        case .end(let ending):
            try tag(.end)
            try ending.encode(to: encoder)
        }
    }
}
