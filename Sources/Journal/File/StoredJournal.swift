// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Protocol

/// What a journal holds: each slice in short, and the rest of it when it is asked for.
public struct StoredJournal: Sendable, Equatable {
    /// What was measured and where.
    public var header: JournalHeader
    /// The slices, those of each part of the file in one.
    var parts: [PackedSlices] = []
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

    /// The slices in the order they ran, those that are void among them: all are unpacked at each
    /// use, so that what a long journal is asked is asked cell by cell.
    public var slices: [SliceSummary] {
        get {
            let names = header.suite.cells.map(\.name)
            var slices: [SliceSummary] = []
            slices.reserveCapacity(sliceCount)
            for part in parts {
                part.forEach { slice in
                    guard names.indices.contains(slice.place) else { return }
                    slices.append(slice)
                    slices[slices.count - 1].cell = names[slice.place]
                }
            }
            return slices
        }
        set { parts = [PackedSlices(newValue)] }
    }

    /// How many slices there are.
    public var sliceCount: Int { parts.reduce(0) { $0 + $1.count } }

    /// The slices of the cell at a place in the suite, in the order they ran.
    public func slices(of place: Int) -> [SliceSummary] {
        let name = header.suite.cells[place].name
        var slices: [SliceSummary] = []
        for part in parts {
            part.forEach(of: place) { slice in
                slices.append(slice)
                slices[slices.count - 1].cell = name
            }
        }
        return slices
    }

    /// Takes in the next event; a slice of a cell that the suite lacks is left out.
    public mutating func add(_ event: JournalEvent) {
        switch event {
        case .slice(let record):
            let place = header.suite.cells.firstIndex { $0.name == record.cell }
            guard let place else { return }
            var slice = SliceSummary(record, place: place)
            slice.detail = store.append(SliceDetail(record))
            if parts.isEmpty { parts.append(PackedSlices()) }
            parts[parts.count - 1].append(slice)
            noteRan([slice])
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

    /// Takes those cells off the ones that could not run of which these next slices are.
    mutating func noteRan(_ next: ArraySlice<SliceSummary>) {
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
