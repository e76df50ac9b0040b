// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// What a journal holds: each slice in short, and the rest of it when it is asked for.
public struct StoredJournal: Sendable, Equatable {
    /// What was measured and where.
    public var header: JournalHeader
    /// The slices in the order they ran, those that are void among them.
    public var slices: [SliceSummary] = []
    /// The cells that could not run, those left out that ran after a resume.
    public var failures: [JournalEvent.CellFailure] = []
    /// By cell, the first block that may count, where a warm-up was extended.
    public var firstBlocks: [String: Int] = [:]
    /// By cell the length of its slices in nanoseconds, where it is not the suite's.
    public var sliceLengths: [String: Int] = [:]
    /// The rounds of boots, those that are void among them.
    public var rounds: [RoundRecord] = []
    /// The rounds whose slices do not count.
    public var voidRounds: [RoundVoid] = []
    /// What the kernels did for each cell's workers, one of each cell and arm.
    public var mechanisms: [CellMechanism] = []
    /// Where it went on after an end or a kill.
    public var resumptions: [JournalEvent.Resumption] = []
    /// How it ended; `nil` while it runs and after a kill.
    public var ending: JournalEvent.Ending?
    /// What a person should know, such as a torn last line that was left out.
    public var warnings: [String] = []
    /// Bytes of the whole lines.
    public var validLength = 0
    /// Where the slices' details are.
    var store = DetailStore.memory([])

    /// A journal with nothing measured yet.
    public init(header: JournalHeader) { self.header = header }

    /// By cell, in the order of the suite, the places of its slices among all.
    package var slicePlaces: [[Int]] {
        var places = [[Int]](repeating: [], count: header.suite.cells.count)
        for place in slices.indices { places[slices[place].place].append(place) }
        return places
    }

    /// Takes in the next event; a slice of a cell that the suite lacks is left out.
    public mutating func add(_ event: JournalEvent) {
        switch event {
        case .slice(let record):
            let place = header.suite.cells.firstIndex { $0.name == record.cell }
            guard let place else { return }
            var slice = SliceSummary(record, place: place)
            slice.detail = store.append(SliceDetail(record))
            add([slice])
        case .visit: break
        case .cellFailed(let failure):
            failures.removeAll { $0.cell == failure.cell && $0.arm == failure.arm }
            failures.append(failure)
        case .warmupExtended(let warmup): firstBlocks[warmup.cell] = warmup.firstBlock
        case .sliceLength(let length): sliceLengths[length.cell] = length.slice
        case .round(let round): rounds.append(round)
        case .roundVoid(let round): voidRounds.append(round)
        case .mechanism(let mechanism):
            mechanisms.removeAll { $0.cell == mechanism.cell && $0.arm == mechanism.arm }
            mechanisms.append(mechanism)
        case .resumed(let resumption):
            resumptions.append(resumption)
            ending = nil
        case .end(let ending): self.ending = ending
        }
    }

    /// Takes in the next slices: a cell that could not run has run.
    mutating func add(_ next: ArraySlice<SliceSummary>) {
        slices += next
        if !failures.isEmpty {
            failures.removeAll { failure in
                next.contains { $0.cell == failure.cell && $0.arm == failure.arm }
            }
        }
    }

    /// Whether a slice may count: it is valid, of no warm-up and of no void round.
    public func counts(_ slice: SliceSummary) -> Bool {
        guard slice.isValid, !slice.isWarmup else { return false }
        if !firstBlocks.isEmpty, let block = slice.block, block < firstBlocks[slice.cell] ?? 0 {
            return false
        }
        return !voidRounds.contains { $0.round == slice.round }
    }
}
