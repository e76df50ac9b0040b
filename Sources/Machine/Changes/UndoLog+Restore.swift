// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

extension UndoLog {
    /// The processes that ended without undoing their changes.
    public static func abandonedOwners(
        in directory: String = StateDirectory.path
    ) -> [ProcessIdentity] {
        ((try? SystemFile.list(directory)) ?? []).compactMap(owner(ofFile:))
            .filter { !$0.isRunning }
    }

    /// The process in an undo log's file name; nil for other files.
    package static func owner(ofFile name: String) -> ProcessIdentity? {
        guard name.hasPrefix("undo-"), name.hasSuffix(".jsonl") else { return nil }
        let parts = name.dropFirst(5).dropLast(6).split(separator: "-")
        guard parts.count == 2, let id = Int32(parts[0]), let start = UInt64(parts[1]) else {
            return nil
        }
        return ProcessIdentity(id: id, startTime: start)
    }

    /// Undoes the changes of processes that no longer run, each one's newest change first.
    ///
    /// Undo logs of running processes are left alone. A change that cannot be undone stays recorded.
    ///
    /// - Returns: the changes in the order of undoing.
    public static func restoreAbandoned(
        in directory: String = StateDirectory.path
    ) -> [RestoredChange] {
        // Another user may have written what is there.
        guard StateDirectory.isTrusted(directory) else { return [] }
        return abandonedOwners(in: directory).flatMap { restore(file(of: $0, in: directory)) }
    }

    /// What `restoreAbandoned` would undo, in its order; nothing is undone.
    public static func abandonedChanges(in directory: String = StateDirectory.path) -> [Undo] {
        guard StateDirectory.isTrusted(directory) else { return [] }
        return abandonedOwners(in: directory).flatMap { changes(in: file(of: $0, in: directory)) }
    }

    /// Undoes the changes of processes that ended and of which one is the value of this file; those
    /// of other processes stay recorded.
    ///
    /// - Parameter path: a kernel's file, as it stands in the undo log.
    /// - Returns: the changes in the order of undoing.
    static func restore(writersOf path: String, in directory: String) -> [RestoredChange] {
        guard StateDirectory.isTrusted(directory) else { return [] }
        return abandonedOwners(in: directory).map { file(of: $0, in: directory) }
            .filter { changes(in: $0).contains { $0.writesBack(to: path) } }
            .flatMap { restore($0) }
    }

    /// Undoes the changes of one process that ended; those of others are undone on demand only.
    ///
    /// - Returns: lines for the user; none when the process left nothing.
    package static func restore(after process: Int32, in directory: String) -> [String] {
        guard StateDirectory.isTrusted(directory) else { return [] }
        return abandonedOwners(in: directory).filter { $0.id == process }
            .flatMap { restore(file(of: $0, in: directory)) }
            .map { "restored after it: \($0)" }
    }

    /// Undoes the changes of a process that is just being killed, after its end: a pipe of it is
    /// closed some milliseconds before. One that does not end within two seconds undoes them itself.
    package static func restore(whenEnded process: Int32, in directory: String) {
        let names = (try? SystemFile.list(directory)) ?? []
        guard let owner = names.compactMap(owner(ofFile:)).first(where: { $0.id == process })
        else { return }
        for _ in 0..<1000 where owner.isRunning { try? Clock.sleep(nanoseconds: 2_000_000) }
        _ = restore(after: process, in: directory)
    }

    /// The undo log of a process.
    static func file(of owner: ProcessIdentity, in directory: String) -> String {
        "\(directory)/undo-\(owner.id)-\(owner.startTime).jsonl"
    }

    /// What an undo log's file leaves to be undone, newest first.
    private static func changes(in path: String) -> [Undo] {
        guard let bytes = try? Descriptor.open(path).readAll() else { return [] }
        return UndoLogEntry.unsettled(in: String(decoding: bytes, as: UTF8.self)).map(\.undo)
    }

    private static func restore(_ path: String) -> [RestoredChange] {
        // The lock keeps two restores apart; the second has nothing to do.
        guard let file = try? Descriptor.open(path, [.readWrite, .append]),
            (try? file.lockExclusively()) != nil,
            let bytes = try? file.readAll()
        else { return [] }
        var restored: [RestoredChange] = []
        for entry in UndoLogEntry.unsettled(in: String(decoding: bytes, as: UTF8.self)) {
            let outcome = entry.undo.perform()
            restored.append(RestoredChange(undo: entry.undo, outcome: outcome))
            if outcome.isSettled {
                // An incomplete last line must not swallow this one.
                try? file.writeAll("\n" + UndoLogEntry.settled(number: entry.number).text)
            }
        }
        if restored.allSatisfy(\.outcome.isSettled) { try? SystemFile.unlink(path) }
        return restored
    }
}
