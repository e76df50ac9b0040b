// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// The changes that this process has made to the machine and not yet undone, recorded in a file.
///
/// Each change is recorded before it is made, so that `restoreAbandoned()` can undo it after the
/// process was killed. The file `undo-<pid>-<start time>.jsonl` in the state directory exists only
/// while something is changed.
public final class UndoLog {
    /// The directory of the file.
    public let directory: String
    private let owner: ProcessIdentity
    private var open: [(number: Int, undo: Undo)] = []
    private var last = 0
    /// Why the last change could not be recorded; nil where it was.
    private(set) var refusal: PlumblineError?

    /// An undo log of this process, without a file yet.
    ///
    /// - Throws: `failure` when `/proc` does not show when this process started.
    public init(directory: String = StateDirectory.path) throws(PlumblineError) {
        guard let owner = ProcessIdentity.current else {
            throw .failure("cannot read /proc/self/stat", remedy: "mount proc on /proc")
        }
        self.owner = owner
        self.directory = directory
    }

    /// The file's path.
    public var path: String { Self.file(of: owner, in: directory) }

    /// The changes that are not undone, oldest first.
    public var pending: [Undo] { open.map(\.undo) }

    /// Records a change; to be called before the change is made.
    ///
    /// - Returns: the entry's number, for `settle` and `undo`.
    /// - Throws: `failure` when the file cannot be written; then nothing may be changed.
    public func record(_ undo: Undo) throws(PlumblineError) -> Int {
        refusal = nil
        do throws(PlumblineError) {
            if !SystemFile.exists(path) { try StateDirectory.prepare(directory) }
            last += 1
            do { try append(UndoLogEntry.change(number: last, undo: undo)) } catch {
                if open.isEmpty { try? SystemFile.unlink(path) }
                throw error
            }
        } catch {
            refusal = error
            throw error
        }
        open.append((last, undo))
        if let change = undo.change { VerboseLog.say(change) }
        return last
    }

    /// Closes an entry whose change was not made, or is undone.
    public func settle(_ number: Int) {
        guard let index = open.firstIndex(where: { $0.number == number }) else { return }
        open.remove(at: index)
        if open.isEmpty {
            try? SystemFile.unlink(path)
        } else {
            // A lost line costs a second, harmless undo.
            try? append(UndoLogEntry.settled(number: number))
        }
    }

    /// Undoes a change; the entry stays when that fails.
    ///
    /// - Parameter pulse: called at least every 50 ms.
    public func undo(_ number: Int, pulse: () -> Void = {}) -> UndoOutcome {
        guard let entry = open.first(where: { $0.number == number }) else { return .alreadyGone }
        let outcome = entry.undo.perform(pulse: pulse)
        VerboseLog.say("\(RestoredChange(undo: entry.undo, outcome: outcome))")
        if outcome.isSettled { settle(number) }
        return outcome
    }

    /// Kills the processes among these entries without waiting, so that they end at the same time:
    /// a process that frees gigabytes takes seconds.
    func killProcesses(of numbers: [Int]) {
        for entry in open where numbers.contains(entry.number) {
            guard case .killProcess(let process, let start) = entry.undo,
                ProcessIdentity(id: process, startTime: start).isRunning
            else { continue }
            try? ProcessIdentity(id: process, startTime: start).kill()
        }
    }

    private func append(_ entry: UndoLogEntry) throws(PlumblineError) {
        try attempting(
            "cannot write the undo log \(path)", remedy: "make room in \(directory)"
        ) { () throws(Errno) in
            let file = try Descriptor.open(path, [.write, .create, .append], mode: 0o600)
            let length = try file.facts().size
            do throws(Errno) {
                try file.writeAll(entry.text)
                try file.syncData()
            } catch {
                // What is torn must not stand before a later line.
                try? file.truncate(to: length)
                throw error
            }
        }
    }
}
