// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux

/// A way to load the kernel through real system calls: a configuration in, a slice's counts out.
///
/// A new one is one file with one type that conforms, and one line in `WorkloadCatalogue`.
public protocol Workload: Sendable {
    /// The word in suites, and the first part of cell names.
    static var name: String { get }
    /// One line for a help text.
    static var summary: String { get }
    /// What it can be told.
    static var settings: [Setting] { get }
    /// The kinds of operation it counts, at most two, in the order of `Worker`'s recorders.
    static var tracks: [String] { get }

    /// Checks that the values go together.
    ///
    /// - Throws: `usage`, naming the setting and the remedy.
    init(_ values: SettingValues) throws(PlumblineError)

    /// The cell name's middle part: every setting that differs from the default shows in it.
    var cellName: String { get }
    /// The tracks whose operations make the cell's rate.
    var rateTracks: [String] { get }
    /// Bytes of buffers that the workers hold, which a memory limit must leave room for.
    var bufferBytes: Int { get }
    /// The storage it needs; `nil` for none.
    ///
    /// - Throws: `usage` for one that does not exist, or that the workload may not write to.
    var storage: StorageSpec? { get throws(PlumblineError) }
    /// Slab caches whose use belongs to the evidence.
    var slabCaches: [String] { get }
    /// The workers: whether each operation is timed, and where they run.
    var staffing: Staffing { get }

    /// Opens pipes and files and lays out data, in the agent and before the workers are made.
    ///
    /// - Throws: what the machine refused, with the remedy.
    func prepare(in environment: WorkloadEnvironment) throws(PlumblineError)
        -> any PreparedWorkload
}

/// The workload of one slice, ready to run in its workers.
public protocol PreparedWorkload: AnyObject {
    /// One worker's whole life, in its own thread or process.
    ///
    /// It allocates and touches its buffers, calls `worker.arrive()`, runs uncounted while the
    /// gate is `guarding`, calls `worker.begin()`, counts while it is `measuring`, calls
    /// `worker.end()`, and then drains without counting what others still wait for. What fails or
    /// comes short is counted throughout.
    func run(_ worker: inout Worker) throws(PlumblineError)

    /// Closes what this process holds: called in the agent once the workers have their own.
    func close()
}

/// How many workers a workload has and what they are.
public struct Staffing: Sendable, Equatable {
    /// What a worker is made as.
    public enum Kind: String, Sendable {
        /// Threads of one process: they share the file table and the address space.
        case thread
        /// Processes: they share neither.
        case process
    }
    /// Threads or processes.
    public var kind: Kind
    /// How many.
    public var count: Int
    /// Whether each operation is timed.
    public var timed: Bool
    /// Whether latency counts from the time an operation was due.
    public var openLoop: Bool

    /// Workers of a kind.
    public init(kind: Kind, count: Int, timed: Bool, openLoop: Bool) {
        self.kind = kind
        self.count = count
        self.timed = timed
        self.openLoop = openLoop
    }
}

/// What a workload finds where it runs.
public struct WorkloadEnvironment {
    /// The directory of the prepared storage; `nil` when the workload asked for none or for a
    /// raw device.
    public var directory: String?
    /// The raw block device of the prepared storage.
    public var device: String?
    /// The slice's seed.
    public var seed: UInt64
    /// Called now and then while laying out data takes long.
    public var pulse: () -> Void = {}

    /// An environment.
    public init(directory: String? = nil, device: String? = nil, seed: UInt64) {
        self.directory = directory
        self.device = device
        self.seed = seed
    }
}
