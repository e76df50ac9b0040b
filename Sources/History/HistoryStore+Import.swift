// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Protocol
import SystemPackage
import Verdicts

extension HistoryStore {
    /// Reads the lines of an export; an empty file has none.
    ///
    /// - Throws: `usage` when there is no such file, `failure` with the line's number for one that
    ///   is damaged or torn.
    package static func entries(in path: String) throws(PlumblineError) -> [HistoryEntry] {
        do {
            let file = try Descriptor.open(path)
            let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
            defer { chunk.deallocate() }
            var splitter = LineSplitter(limit: LineCodec.lengthLimit)
            var entries: [HistoryEntry] = []
            while true {
                let count = try file.read(into: chunk)
                if count == 0 { break }
                for line in splitter.feed([UInt8](chunk[..<count])) {
                    entries.append(try entry(line, path, number: entries.count + 1))
                }
            }
            guard splitter.unfinished == 0 else {
                throw PlumblineError.failure(
                    "\(path):\(entries.count + 1): the line has no end: the file was cut short",
                    remedy: "export it again")
            }
            return entries
        } catch let error as PlumblineError {
            throw error
        } catch Errno.noSuchFileOrDirectory {
            throw .usage("\(path): there is no such file", remedy: "check the path")
        } catch {
            throw .failure("\(path): cannot be read: \(error)")
        }
    }

    private static func entry(
        _ line: LineSplitter.Line, _ path: String, number: Int
    ) throws(PlumblineError) -> HistoryEntry {
        guard case .complete(let bytes) = line else {
            throw .failure("\(path):\(number): the line is longer than any of an export")
        }
        do { return try HistoryEntry(line: bytes) } catch {
            throw error.at("\(path):\(number)")
        }
    }
}
