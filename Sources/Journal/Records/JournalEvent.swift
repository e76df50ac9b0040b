// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A line of a journal after its header.
public enum JournalEvent: Sendable, Equatable {
    /// A slice ran; it may be void, see its validity.
    case slice(SliceRecord)
    /// A visit ended, with the kernel's counters over it.
    case visit(VisitRecord)
    /// A cell could not run, and is not tried again before a resume.
    case cellFailed(CellFailure)
    /// Blocks of a cell that were measured belong to its warm-up.
    case warmupExtended(WarmupExtension)
    /// A cell's slices are longer than planned from now on.
    case sliceLength(SliceLength)
    /// Both arms' guests are up.
    case round(RoundRecord)
    /// What a round measured does not count.
    case roundVoid(RoundVoid)
    /// What the kernel did for a cell's workers, traced after the measurement.
    case mechanism(CellMechanism)
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
        /// Which slice failed, from 0.
        public var number: Int
        /// Why.
        public var error: PlumblineError

        /// A failure.
        public init(cell: String, arm: Arm? = nil, number: Int, error: PlumblineError) {
            self.cell = cell
            self.arm = arm
            self.number = number
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

extension JournalEvent: Encodable {
    /// The word for it at the start of its line.
    var kind: String {
        switch self {
        case .slice: "slice"
        case .visit: "visit"
        case .cellFailed: "cell-failed"
        case .warmupExtended: "warmup-extended"
        case .sliceLength: "slice-length"
        case .round: "round"
        case .roundVoid: "round-void"
        case .mechanism: "mechanism"
        case .resumed: "resumed"
        case .end: "end"
        }
    }

    /// Reads an event that is no slice from its line; fields that are not known are ignored.
    ///
    /// - Throws: `failure` saying what is wrong with it.
    init(_ kind: String, in line: UnsafeRawBufferPointer) throws(PlumblineError) {
        switch kind {
        case "visit": self = .visit(try LineCodec.decode(VisitRecord.self, from: line))
        case "cell-failed": self = .cellFailed(try LineCodec.decode(CellFailure.self, from: line))
        case "warmup-extended":
            self = .warmupExtended(try LineCodec.decode(WarmupExtension.self, from: line))
        case "slice-length":
            self = .sliceLength(try LineCodec.decode(SliceLength.self, from: line))
        case "round": self = .round(try LineCodec.decode(RoundRecord.self, from: line))
        case "round-void": self = .roundVoid(try LineCodec.decode(RoundVoid.self, from: line))
        case "mechanism":
            self = .mechanism(try LineCodec.decode(CellMechanism.self, from: line))
        case "resumed": self = .resumed(try LineCodec.decode(Resumption.self, from: line))
        case "end": self = .end(try LineCodec.decode(Ending.self, from: line))
        default:
            throw .failure(
                "unknown kind of journal line '\(kind)'",
                remedy: "use the version of plumbline that wrote it")
        }
        try checkLimits()
    }

    /// Writes its fields, without its kind.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .slice(let slice): try slice.encode(to: encoder)
        case .visit(let visit): try visit.encode(to: encoder)
        case .cellFailed(let failure): try failure.encode(to: encoder)
        case .warmupExtended(let warmup): try warmup.encode(to: encoder)
        case .sliceLength(let length): try length.encode(to: encoder)
        case .round(let round): try round.encode(to: encoder)
        case .roundVoid(let round): try round.encode(to: encoder)
        case .mechanism(let mechanism): try mechanism.encode(to: encoder)
        case .resumed(let resumption): try resumption.encode(to: encoder)
        case .end(let ending): try ending.encode(to: encoder)
        }
    }
}
