// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// What this process has changed on the machine and not yet put back, on record in a file.
///
/// Each change is on record before it is made, so that `restoreAbandoned()` can put it back after
/// the process was killed. The file is `ledger-<pid>-<start time>.jsonl` in the state directory;
/// it is there only while something is changed.
public final class Ledger {
    /// The directory of the file.
    public let directory: String
    private let owner: ProcessIdentity
    private var open: [(number: Int, undo: Undo)] = []
    private var last = 0

    /// A ledger of this process, without a file as yet.
    ///
    /// - Throws: `failure` when `/proc` does not tell when this process started.
    public init(directory: String = StateDirectory.path) throws(PlumblineError) {
        guard let owner = ProcessIdentity.current else {
            throw .failure("cannot read /proc/self/stat", remedy: "mount proc on /proc")
        }
        self.owner = owner
        self.directory = directory
    }

    /// The file's path.
    public var path: String { "\(directory)/ledger-\(owner.id)-\(owner.startTime).jsonl" }

    /// What is changed and not yet put back, oldest first.
    public var pending: [Undo] { open.map(\.undo) }

    /// Puts a change on record: to be called before the change is made.
    ///
    /// - Returns: the entry's number, for `settle` and `undo`.
    /// - Throws: `failure` when the record cannot be written; then nothing may be changed.
    public func record(_ undo: Undo) throws(PlumblineError) -> Int {
        if !SystemFile.exists(path) { try StateDirectory.prepare(directory) }
        last += 1
        try append(LedgerLine(number: last, undo: undo))
        open.append((last, undo))
        return last
    }

    /// Strikes an entry whose change was not made, or is put back.
    public func settle(_ number: Int) {
        guard let index = open.firstIndex(where: { $0.number == number }) else { return }
        open.remove(at: index)
        if open.isEmpty {
            try? SystemFile.unlink(path)
        } else {
            // A lost line costs a second, harmless undoing.
            try? append(LedgerLine(settled: number))
        }
    }

    /// Puts a change back; the entry stays when that fails.
    ///
    /// - Parameter pulse: called every 50 ms at least, for what takes a while.
    public func undo(_ number: Int, pulse: () -> Void = {}) -> UndoOutcome {
        guard let entry = open.first(where: { $0.number == number }) else { return .alreadyGone }
        let outcome = entry.undo.perform(pulse: pulse)
        if outcome.isSettled { settle(number) }
        return outcome
    }

    /// Kills the helpers among these entries without waiting, so that they die side by side: one
    /// that gives back gigabytes takes seconds.
    func killHelpers(of numbers: [Int]) {
        for entry in open where numbers.contains(entry.number) {
            guard case .killProcess(let process, let start) = entry.undo,
                ProcessIdentity(id: process, startTime: start).isRunning
            else { continue }
            try? ChildProcess(id: process).kill()
        }
    }

    private func append(_ line: LedgerLine) throws(PlumblineError) {
        do {
            let file = try Descriptor.open(path, [.write, .create, .append], mode: 0o600)
            try file.writeAll(line.text)
            try file.syncData()
        } catch {
            throw .failure("cannot write the ledger \(path): \(error)")
        }
    }
}
