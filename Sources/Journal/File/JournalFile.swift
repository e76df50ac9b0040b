// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// The file that a journal was read from, open as long as details may be read from it: who gives
/// its name to another file changes nothing.
final class JournalFile: Sendable {
    /// Where it was found.
    let path: String
    /// The open file.
    let descriptor: Descriptor
    /// The end of the first line, whose checksum no two journals share, and where it is.
    private let mark: (place: Range<Int>, bytes: [UInt8])

    /// Opens the file and finds the end of its first line.
    ///
    /// - Returns: no end when there is none.
    static func open(_ path: String) throws(Errno) -> (file: JournalFile, headerEnd: Int?) {
        let descriptor = try Descriptor.open(path)
        let end = try descriptor.lineEnd(from: 0)
        let place = max(0, (end ?? 0) - 32)..<(end ?? 0)
        let mark = (place, try descriptor.bytes(place))
        return (JournalFile(path: path, descriptor: descriptor, mark: mark), end)
    }

    private init(
        path: String, descriptor: consuming Descriptor, mark: (Range<Int>, [UInt8])
    ) {
        self.path = path
        self.descriptor = descriptor
        self.mark = mark
    }

    /// Reads bytes that were there before.
    ///
    /// - Throws: `failure` when they cannot be read, or when another journal was written over this
    ///   one.
    func bytes(_ range: Range<Int>) throws(PlumblineError) -> [UInt8] {
        let bytes: [UInt8]
        let now: [UInt8]
        do {
            bytes = try descriptor.bytes(range)
            now = try descriptor.bytes(mark.place)
        } catch {
            throw .failure("\(path): cannot be read: \(error)")
        }
        guard bytes.count == range.count, now == mark.bytes else { throw changed }
        return bytes
    }

    /// The error for a file that is not what it was.
    var changed: PlumblineError {
        .failure(
            "\(path): the file was changed while it was read",
            remedy: "read it again when nothing but plumbline writes to it")
    }
}
