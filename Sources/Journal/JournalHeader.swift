// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A journal's first line: what is measured, where, and with what.
public struct JournalHeader: Codable, Sendable, Equatable {
    /// The schema that this version writes and reads.
    public static let schemaName = "plumbline.journal/2"

    /// What the experiment is.
    public struct Experiment: Codable, Sendable, Equatable {
        /// The ways to measure.
        public enum Kind: String, Codable, Sendable {
            /// One kernel as it is.
            case run
            /// One boot, a knob flipped between slices.
            case toggle
            /// Two kernels, slices in turn.
            case ab
        }
        /// Names this experiment among all.
        public var id: String
        /// The way it measures.
        public var kind: Kind

        /// An experiment.
        public init(id: String, kind: Kind) {
            self.id = id
            self.kind = kind
        }
    }

    /// The journal's schema, `plumbline.journal/2`.
    public var schema: String
    /// The tool's version.
    public var toolVersion: String
    /// Which experiment this is.
    public var experiment: Experiment
    /// What is measured.
    public var suite: SuiteRecord
    /// Decides the order of the cells, offsets and verified data.
    public var seed: UInt64
    /// CLOCK_REALTIME when the journal was made, nanoseconds since 1970.
    public var startedAt: UInt64
    /// The kernel and machine that the agent greeted from.
    public var host: Hello
    /// The command line's options, as they were told.
    public var options: [String]
    /// What is compared, and when it stops; absent where there is one arm.
    public var comparison: ComparisonRecord?
    /// The guest that was measured; absent for the running kernel.
    public var guest: GuestRecord?
    /// What a run of the running kernel is measured in; absent for time, and where the guest or
    /// the comparison says it.
    public var ownLens: Lens?

    /// What the cells are measured in.
    public var lens: Lens { comparison?.lens ?? guest?.lens ?? ownLens ?? .wall }

    /// Whether a PMU of the machine itself counts.
    public var countsInstructions: Bool {
        comparison?.countsInstructions ?? (ownLens == .instructions)
    }

    private enum CodingKeys: String, CodingKey {
        case schema
        case toolVersion = "tool_version"
        case experiment, suite, seed
        case startedAt = "started_at_ns"
        case host, options, comparison, guest
        case ownLens = "lens"
    }

    /// The header of a new journal.
    public init(
        experiment: Experiment, suite: SuiteRecord, seed: UInt64, startedAt: UInt64, host: Hello,
        options: [String], comparison: ComparisonRecord? = nil, guest: GuestRecord? = nil,
        ownLens: Lens? = nil
    ) {
        schema = Self.schemaName
        toolVersion = plumblineVersion
        self.experiment = experiment
        self.suite = suite
        self.seed = seed
        self.startedAt = startedAt
        self.host = host
        self.options = options
        self.comparison = comparison
        self.guest = guest
        self.ownLens = ownLens
    }
}
