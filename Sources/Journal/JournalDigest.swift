// SPDX-License-Identifier: GPL-3.0-or-later

import Basics

/// A journal of any length in short: what verdicts rest on, without evidence and histograms.
public struct JournalDigest: Sendable {
    /// Whose latency a distribution is.
    public struct Source: Hashable, Sendable {
        /// The cell's place in the suite.
        public var cell: Int
        /// The arm; absent where there is only one.
        public var arm: Arm?
        /// The kind of operation: `write`, `read` and so on.
        public var track: String

        /// A source.
        public init(cell: Int, arm: Arm?, track: String) {
            self.cell = cell
            self.arm = arm
            self.track = track
        }
    }

    /// What was measured and where.
    public var header: JournalHeader
    /// The slices in the order they ran, those that are void among them.
    public var slices: [SliceSummary] = []
    /// Latency over the slices that count, warm-ups and void rounds left out.
    public var latencies: [Source: LatencySum] = [:]
    /// The cells that could not run, those left out that ran after a resume.
    public var failures: [JournalEvent.CellFailure] = []
    /// By cell, the first block that may count, where a warm-up was extended.
    public var firstBlocks: [String: Int] = [:]
    /// The rounds of boots, those that are void among them.
    public var rounds: [RoundRecord] = []
    /// The rounds whose slices do not count.
    public var voidRounds: [RoundVoid] = []
    /// How it ended; `nil` while it runs and after a kill.
    public var ending: JournalEvent.Ending?
    /// How often it went on after an end or a kill.
    public var resumptions = 0
    /// What a person should know, such as a torn last line that was left out.
    public var warnings: [String] = []

    /// A journal in short.
    public init(_ journal: StoredJournal) {
        header = journal.header
        let cells = Self.places(journal.header)
        let counted = CountedSlices(header, journal.firstBlocks, journal.voidRounds)
        for record in journal.slices {
            guard let cell = cells[record.cell] else { continue }
            let slice = SliceSummary(record, cell: cell)
            slices.append(slice)
            guard counted.contains(slice) else { continue }
            for (track, value) in record.tracks {
                guard let latency = value.latency else { continue }
                latencies[Source(cell: cell, arm: slice.arm, track: track), default: .init()]
                    .add(latency)
            }
        }
        failures = journal.failures
        firstBlocks = journal.firstBlocks
        rounds = journal.rounds
        voidRounds = journal.voidRounds
        ending = journal.ending
        resumptions = journal.resumptions.count
        warnings = journal.warnings
    }

    /// Reads a journal's file on as many CPUs as it is worth; 100,000 slices of 850 MB take about a
    /// second of one.
    ///
    /// Above 256 MiB, latency percentiles come from an even share of the blocks; a warning says so.
    ///
    /// - Throws: as `StoredJournal.init(readingFrom:)`.
    public init(readingFrom path: String) throws(PlumblineError) {
        if let read = try DigestReader(path)?.read() {
            self = read
        } else {
            // The reader that takes its time also says what is wrong and where.
            self.init(try StoredJournal(readingFrom: path))
        }
    }

    init(header: JournalHeader) { self.header = header }

    /// The place of each cell in the suite.
    static func places(_ header: JournalHeader) -> [String: Int] {
        Dictionary(header.suite.cells.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// Takes in an event that is no slice.
    mutating func add(_ event: JournalEvent) {
        var journal = StoredJournal(header: header)
        journal.failures = failures
        journal.firstBlocks = firstBlocks
        journal.ending = ending
        journal.add(event)
        failures = journal.failures
        firstBlocks = journal.firstBlocks
        rounds += journal.rounds
        voidRounds += journal.voidRounds
        ending = journal.ending
        resumptions += journal.resumptions.count
    }

    /// Takes in a slice: a cell that could not run has run.
    mutating func add(_ slice: SliceSummary) {
        slices.append(slice)
        if !failures.isEmpty {
            let name = header.suite.cells[slice.cell].name
            failures.removeAll { $0.cell == name && $0.arm == slice.arm }
        }
    }
}
