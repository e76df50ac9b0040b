// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// The one writer of a journal: holds the file's lock, and appends line by line.
///
/// Each call is one `write(2)` at the file's end and one `fdatasync(2)`, so that a kill at any moment
/// leaves whole lines and at most one torn one behind them. What cannot be written in full is cut
/// off again.
public final class JournalWriter {
    /// Where the journal is.
    public let path: String
    private let file: Descriptor
    private var length: Int

    /// Whether the journal has a header, and so something to go on from.
    public var hasLines: Bool { length > 0 }

    private init(path: String, file: consuming Descriptor, length: Int) {
        self.path = path
        self.file = file
        self.length = length
    }

    /// Makes a journal, and refuses one that is there already; an empty file is taken over.
    ///
    /// - Throws: `usage` when there is a journal or no such directory, `failure` when it cannot be
    ///   written or another plumbline holds it.
    public static func create(at path: String) throws(PlumblineError) -> JournalWriter {
        let file = try open(path, [.readWrite, .create, .append])
        guard try facts(of: file, path).size == 0 else {
            throw .usage(
                "\(path) exists already",
                remedy: "continue it with --resume, or give another file with --output")
        }
        return JournalWriter(path: path, file: file, length: 0)
    }

    /// Makes a journal of this name and `.jsonl`, with -2, -3 and so on added where it is taken.
    ///
    /// - Throws: `usage` when there is no such directory, `failure` when it cannot be written.
    public static func create(named stem: String) throws(PlumblineError) -> JournalWriter {
        var path = "\(stem).jsonl"
        var number = 1
        while true {
            do {
                let file = try Descriptor.open(path, [.readWrite, .create, .exclusive, .append])
                try claim(file, path)
                return JournalWriter(path: path, file: file, length: 0)
            } catch Errno.fileExists {
                number += 1
                path = "\(stem)-\(number).jsonl"
            } catch let error as PlumblineError {
                throw error
            } catch {
                // Fails alike, and has the words for it.
                return try create(at: path)
            }
        }
    }

    /// Opens a journal to go on with it, and gives what it holds; a torn last line is cut off.
    ///
    /// - Returns: no journal when the run was killed before its header was whole: the file is empty
    ///   then, and the run begins anew.
    /// - Throws: `usage` when there is none, `failure` when it is damaged or held by another.
    public static func resume(
        at path: String
    ) throws(PlumblineError) -> (writer: JournalWriter, journal: StoredJournal?) {
        let file = try open(path, [.readWrite, .append])
        let size = try facts(of: file, path).size
        if try JournalReader.hasTornHeader(path) {
            do { try file.truncate(to: 0) } catch { throw .failure("\(path): \(error)") }
            return (JournalWriter(path: path, file: file, length: 0), nil)
        }
        let journal = try StoredJournal(readingFrom: path)
        do {
            if journal.validLength < size { try file.truncate(to: journal.validLength) }
            try file.syncData()
        } catch {
            throw .failure("\(path): \(error)", remedy: "check the file system below it")
        }
        return (
            JournalWriter(path: path, file: file, length: journal.validLength), journal
        )
    }

    /// Appends the first line.
    public func append(_ header: JournalHeader) throws(PlumblineError) {
        try write(JournalLine.encode(header))
    }

    /// Appends an event: one line, of a slice two.
    public func append(_ event: JournalEvent) throws(PlumblineError) {
        try write(JournalLine.encode(event))
    }

    /// Appends events at once.
    public func append(_ events: [JournalEvent]) throws(PlumblineError) {
        guard !events.isEmpty else { return }
        var lines: [UInt8] = []
        for event in events { lines += try JournalLine.encode(event) }
        try write(lines)
    }

    /// Removes the file when nothing was written to it; call it before giving up.
    public func removeIfEmpty() {
        if !hasLines { remove() }
    }

    /// Removes the file, whatever it holds.
    public func remove() { try? SystemFile.unlink(path) }

    private func write(_ line: [UInt8]) throws(PlumblineError) {
        do {
            try file.writeAll(line)
            length += line.count
            try file.syncData()
        } catch {
            // What is torn must not stand before a later line.
            try? file.truncate(to: length)
            throw .failure(
                "\(path): cannot write: \(error)",
                remedy: "make room, then go on with --resume --output \(path)")
        }
        guard !hasLostItsName else {
            throw .failure(
                "\(path): the journal was removed or renamed while plumbline wrote to it",
                remedy: "if it was renamed, go on with --resume --output and its new name; else "
                    + "measure again")
        }
    }

    /// Whether the path no longer leads to the file: nobody would find what is written.
    private var hasLostItsName: Bool {
        guard let mine = try? file.facts() else { return false }
        do throws(Errno) {
            let found = try Descriptor.open(path, .place).facts()
            return found.inode != mine.inode || found.deviceMajor != mine.deviceMajor
                || found.deviceMinor != mine.deviceMinor
        } catch {
            return [.noSuchFileOrDirectory, .notDirectory].contains(error)
        }
    }

    private static func open(
        _ path: String, _ options: OpenOptions
    ) throws(PlumblineError) -> Descriptor {
        let file: Descriptor
        do {
            file = try Descriptor.open(path, options.union(.nonblocking))
        } catch .noSuchFileOrDirectory {
            throw options.contains(.create)
                ? .usage(
                    "\(path): its directory does not exist",
                    remedy: "make the directory, or give another file with --output")
                : .usage(
                    "\(path): there is no journal to resume",
                    remedy: "leave --resume out to start one, or name it with --output")
        } catch .isDirectory {
            throw .usage("\(path) is a directory", remedy: "give a file with --output")
        } catch {
            throw .failure(
                "\(path): cannot be written: \(error)",
                remedy: "give a file in a directory you may write to with --output")
        }
        try claim(file, path)
        return file
    }

    /// Refuses what is not a regular file, and takes the lock.
    private static func claim(
        _ file: borrowing Descriptor, _ path: String
    ) throws(PlumblineError) {
        guard try facts(of: file, path).kind == .regular else {
            throw .usage("\(path) is not a regular file", remedy: "give a file with --output")
        }
        do {
            try file.lockExclusively(withinMilliseconds: 500)
        } catch .wouldBlock {
            throw .failure(
                "\(path): another plumbline is writing to it",
                remedy: "wait for it to end, or give another file with --output")
        } catch {
            throw .failure("\(path): cannot be locked: \(error)")
        }
    }

    private static func facts(
        of file: borrowing Descriptor, _ path: String
    ) throws(PlumblineError) -> FileFacts {
        do { return try file.facts() } catch { throw .failure("\(path): \(error)") }
    }
}
