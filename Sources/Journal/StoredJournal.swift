// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// Everything a journal holds.
public struct StoredJournal: Sendable, Equatable {
    /// What was measured and where.
    public var header: JournalHeader
    /// The slices in the order they ran, those that are void among them.
    public var slices: [SliceRecord] = []
    /// The cells that could not run, those left out that ran after a resume.
    public var failures: [JournalEvent.CellFailure] = []
    /// By cell, the first block that may count, where a warm-up was extended.
    public var firstBlocks: [String: Int] = [:]
    /// The rounds of boots, those that are void among them.
    public var rounds: [RoundRecord] = []
    /// The rounds whose slices do not count.
    public var voidRounds: [RoundVoid] = []
    /// Where it went on after an end or a kill.
    public var resumptions: [JournalEvent.Resumption] = []
    /// How it ended; `nil` while it runs and after a kill.
    public var ending: JournalEvent.Ending?
    /// What a person should know, such as a torn last line that was left out.
    public var warnings: [String] = []
    /// Bytes of the whole lines.
    public var validLength = 0

    /// A journal with nothing measured yet.
    public init(header: JournalHeader) { self.header = header }

    /// Reads a journal's file.
    ///
    /// - Throws: `usage` when there is no such file, `failure` with the line's number and the
    ///   reason when it is damaged.
    public init(readingFrom path: String) throws(PlumblineError) {
        var read: StoredJournal?
        var known: Set<String> = []
        var visits: Set<Visit> = []
        let outcome = try JournalReader.read(path) { (header) throws(PlumblineError) in
            known = Set(header.suite.cells.map(\.name))
            read = StoredJournal(header: header)
        } event: { (event) throws(PlumblineError) in
            if case .slice(let slice) = event {
                let visit = Visit(cell: slice.cell, arm: slice.arm, number: slice.visit)
                guard known.contains(slice.cell) else {
                    throw .failure("its cell '\(slice.cell)' is not in the header")
                }
                guard visits.insert(visit).inserted else {
                    throw .failure("slice \(slice.visit) of '\(slice.cell)' stands there twice")
                }
            }
            read?.add(event)
        }
        guard var journal = read else { throw .failure("\(path): it has no header") }
        journal.warnings = outcome.warnings
        journal.validLength = outcome.validLength
        self = journal
    }

    /// Takes in the next event.
    public mutating func add(_ event: JournalEvent) {
        switch event {
        case .slice(let slice):
            slices.append(slice)
            failures.removeAll { $0.cell == slice.cell && $0.arm == slice.arm }
        case .cellFailed(let failure):
            failures.removeAll { $0.cell == failure.cell && $0.arm == failure.arm }
            failures.append(failure)
        case .warmupExtended(let warmup): firstBlocks[warmup.cell] = warmup.firstBlock
        case .round(let round): rounds.append(round)
        case .roundVoid(let round): voidRounds.append(round)
        case .resumed(let resumption):
            resumptions.append(resumption)
            ending = nil
        case .end(let ending): self.ending = ending
        }
    }

    private struct Visit: Hashable {
        var cell: String
        var arm: Arm?
        var number: Int
    }
}
