// SPDX-License-Identifier: GPL-3.0-or-later

/// An experiment as a history keeps it: what was compared, where, and what came of each cell.
///
/// `plumbline history export` writes one a line, and `history.schema.json` describes it. The
/// store has a table for each of its three parts. What was not measured is absent.
package struct HistoryEntry: Codable, Sendable, Equatable {
    /// The schema that this version writes and reads.
    package static let schemaName = "plumbline.history/1"

    /// What was measured, where and when.
    package struct Experiment: Codable, Sendable, Equatable {
        /// The journal's name for itself.
        package var id: String
        /// When it began, nanoseconds since 1970.
        package var startedAt: Int
        /// `toggle` or `ab`.
        package var kind: String
        /// The suite's name.
        package var suite: String
        /// `time`, `instructions` or `pmu`.
        package var metric: String
        /// The version that measured.
        package var toolVersion: String
        /// The version that judged.
        package var judgedBy: String
        /// The hardware, the address of a machine over ssh, and the guest.
        package var machine: String
        /// Slices of the journal, void ones among them.
        package var slices: Int
        /// How it ended; absent for a journal that was still being written.
        package var ending: String?
        /// The exit code of `plumbline report`.
        package var exitCode: Int

        private enum CodingKeys: String, CodingKey {
            case id
            case startedAt = "started_at_ns"
            case kind, suite, metric
            case toolVersion = "tool_version"
            case judgedBy = "judged_by"
            case machine, slices, ending
            case exitCode = "exit_code"
        }
    }

    /// One of the two kernels, or one value of a knob.
    package struct Arm: Codable, Sendable, Equatable {
        /// `A` or `B`.
        package var arm: String
        /// What it is: a kernel's name, `vm.swappiness=60`.
        package var label: String
        /// uname -r.
        package var kernelRelease: String
        /// The kernel's GNU build id.
        package var buildID: String?
        /// The commit that its label or its release names.
        package var commit: String?
        /// Where it ran, in words.
        package var target: String?
        /// What its kernel was set to at boot, such as `init_on_alloc=0 nosmt`; absent in entries of
        /// plumbline 0.3.0 and older.
        package var settings: String?
        /// Rounds that are void because it was lost or unfit; absent in the same entries.
        package var voidRounds: Int?

        private enum CodingKeys: String, CodingKey {
            case arm, label
            case kernelRelease = "kernel_release"
            case buildID = "build_id"
            case commit = "commit_hash"
            case target, settings
            case voidRounds = "void_rounds"
        }
    }

    /// The schema of the line.
    package var schema = Self.schemaName
    /// What was measured.
    package var experiment: Experiment
    /// A and B.
    package var arms: [Arm]
    /// The cells in the order of the suite.
    package var cells: [Cell]

    /// Whether the version that judged it is no older than that of another entry, which says no more
    /// of its arms.
    package func isJudged(noEarlierThan other: HistoryEntry) -> Bool {
        func version(_ entry: HistoryEntry) -> [Int] {
            entry.experiment.judgedBy.split { !$0.isNumber }.map { Int($0) ?? 0 }
        }
        guard version(self) == version(other) else {
            return version(other).lexicographicallyPrecedes(version(self))
        }
        return saysSettings || !other.saysSettings
    }

    private var saysSettings: Bool { arms.allSatisfy { $0.settings != nil } }

    /// One of the two arms, `A` or `B`.
    package func arm(_ name: String) -> Arm {
        arms.first { $0.arm == name } ?? Arm(arm: name, label: "", kernelRelease: "")
    }
}
