// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// A journal's first line: what is measured, where, and with what.
public struct JournalHeader: Codable, Sendable, Equatable {
    /// The schema that this version writes and reads.
    public static let schemaName = "plumbline.journal/3"

    /// The journal's schema.
    public var schema: String
    /// The tool's version.
    public var toolVersion: String
    /// Names this experiment among all.
    public var id: String
    /// CLOCK_REALTIME when the journal was made, nanoseconds since 1970.
    public var startedAt: UInt64
    /// The kernel and machine that the agent greeted from.
    public var host: Hello
    /// What was settled before the first slice.
    public var plan: Plan

    private enum CodingKeys: String, CodingKey {
        case schema
        case toolVersion = "tool_version"
        case id
        case startedAt = "started_at_ns"
        case host, plan
    }

    /// The header of a new journal.
    public init(id: String, startedAt: UInt64, host: Hello, plan: Plan) {
        schema = Self.schemaName
        toolVersion = plumblineVersion
        self.id = id
        self.startedAt = startedAt
        self.host = host
        self.plan = plan
    }
}

extension JournalHeader {
    /// What is measured.
    public var suite: SuiteRecord { plan.suite }
    /// What is compared; nil where there is one arm.
    public var comparison: ComparisonRecord? { plan.comparison }
    /// Decides the order of cells and arms, offsets and verified data.
    public var seed: UInt64 { plan.seed }
    /// The guest that was measured; nil for the running kernel.
    public var guest: GuestRecord? { plan.guest }
    /// What the cells are measured in.
    public var metric: Metric { plan.metric }
    /// The model of the machine's own CPU: of a guest its host's, where the journal says it.
    public var cpuModel: String? { guest?.host?.cpuModel ?? host.cpuModel }
    /// Whether an arm ran in a guest without KVM.
    public var isEmulated: Bool {
        [guest, comparison?.arms.a.guest, comparison?.arms.b.guest]
            .contains { $0?.accelerator == "tcg" }
    }
    /// Whether a PMU of the machine itself counts.
    public var countsInstructions: Bool { plan.countsInstructions }
}
