// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// What A/A comparisons showed on a machine: how often they found a difference where there is
/// none, and how small an effect can be found.
///
/// `placebos` are comparisons with their real labels, which show a bias between the arms. `tail`
/// shuffles labels, so that it checks the tail of the t-test alone.
public struct CalibrationRecord: Codable, Sendable, Equatable {
    /// The schema that this version writes and reads.
    public static let schemaName = "plumbline.calibration/3"

    /// Which machine, with which kernel.
    public struct Machine: Codable, Sendable, Equatable {
        /// The first CPU's model name, where known.
        public var cpuModel: String?
        /// uname -m.
        public var architecture: String
        /// CPUs that the agent may use.
        public var cpus: Int
        /// MemTotal in bytes.
        public var memory: UInt64
        /// uname -r.
        public var kernelRelease: String
        /// The kernel's GNU build id, where known.
        public var buildID: String?

        private enum CodingKeys: String, CodingKey {
            case cpuModel = "cpu_model"
            case architecture, cpus
            case memory = "memory_bytes"
            case kernelRelease = "kernel_release"
            case buildID = "build_id"
        }

        /// A machine; the memory is MemTotal in bytes.
        public init(
            cpuModel: String?, architecture: String, cpus: Int, memory: UInt64,
            kernelRelease: String, buildID: String?
        ) {
            self.cpuModel = cpuModel
            self.architecture = architecture
            self.cpus = cpus
            self.memory = memory
            self.kernelRelease = kernelRelease
            self.buildID = buildID
        }

        /// The machine that an agent greeted from.
        public init(_ hello: Hello) {
            self.init(
                cpuModel: hello.cpuModel, architecture: hello.machine, cpus: hello.cpus,
                memory: hello.memory, kernelRelease: hello.kernelRelease, buildID: hello.buildID)
        }

        /// Whether this is the same hardware, whatever its kernel.
        public func isSameHardware(as other: Machine) -> Bool {
            cpuModel == other.cpuModel && architecture == other.architecture && cpus == other.cpus
                && memory == other.memory
        }
    }

    /// What the A/A blocks of one cell showed.
    public struct Cell: Codable, Sendable, Equatable {
        /// The cell's name.
        public var name: String
        /// The name for people; absent where the suite gave none.
        public var shortName: String?
        /// Blocks that were recorded and count.
        public var blocks: Int
        /// Comparisons that shuffled their labels.
        public var shuffled: Int
        /// Those that found a difference.
        public var shuffledRejections: Int
        /// The standard deviation of the blocks' effects, percent.
        public var blockDeviation: Double?
        /// r₁ of the blocks' effects.
        public var autocorrelation: Double?
        /// The change that the blocks of 60 s find with a power of 0.8, percent; set-up and
        /// turnaround are in the time.
        public var detectableIn60: Double?
        /// The change that the blocks of 300 s find, as above.
        public var detectableIn300: Double?

        private enum CodingKeys: String, CodingKey {
            case name
            case shortName = "short_name"
            case blocks
            case shuffled = "shuffled_comparisons"
            case shuffledRejections = "shuffled_rejections"
            case blockDeviation = "block_sd_percent"
            case autocorrelation
            case detectableIn60 = "mde80_60s_percent"
            case detectableIn300 = "mde80_300s_percent"
        }
    }

    /// A check of the t-test's tail: comparisons of the same blocks with labels drawn at random.
    public struct Tail: Codable, Sendable, Equatable {
        /// Comparisons over all cells.
        public var comparisons: Int
        /// Those that found a difference.
        public var rejections: Int
        /// The fewest that are in order at 0.05.
        public var fewest: Int
        /// The most that are in order.
        public var most: Int

        private enum CodingKeys: String, CodingKey {
            case comparisons, rejections
            case fewest = "fewest_in_order"
            case most = "most_in_order"
        }

        /// Whether the t-test finds too much in this noise.
        public var findsTooMany: Bool { rejections > most }
    }

    /// The schema.
    public var schema = CalibrationRecord.schemaName
    /// The tool's version.
    public var toolVersion = plumblineVersion
    /// Where it was measured.
    public var machine: Machine
    /// CLOCK_REALTIME when it was measured, nanoseconds since 1970.
    public var at: UInt64
    /// The measured part of a slice in the A/A comparisons, nanoseconds: the default.
    public var slice: Int
    /// Decides how arms were relabelled.
    public var seed: UInt64
    /// The A/A comparisons by their real labels.
    public var placebos: PlaceboRecord
    /// The check of the t-test's tail.
    public var tail: Tail
    /// Each cell's part.
    public var cells: [Cell]
    /// What each slice length showed, the shortest first.
    public var lengths: [Length]
    /// The slice length with the smallest median MDE, nanoseconds; absent where none has one.
    public var bestSlice: Int?

    private enum CodingKeys: String, CodingKey {
        case schema
        case toolVersion = "tool_version"
        case machine
        case at = "at_ns"
        case slice = "slice_ns"
        case seed, placebos
        case tail = "t_tail_check"
        case cells, lengths
        case bestSlice = "best_slice_ns"
    }

    /// What the best slice length showed.
    public var best: Length? { lengths.first { $0.slice == bestSlice } }
    /// Whether verdicts on this machine claim too much.
    public var findsTooMuch: Bool { placebos.isOutOfOrder || tail.findsTooMany }
}
