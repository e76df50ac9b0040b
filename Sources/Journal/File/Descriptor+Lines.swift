// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Protocol
import SystemPackage

extension Descriptor {
    /// Where the next newline is, at most as far off as a line is long; nil without.
    borrowing func lineEnd(from start: Int) throws(Errno) -> Int? {
        var at = start
        while at < start + LineCodec.lengthLimit {
            let bytes = try bytes(at..<at + 64 << 10)
            if bytes.isEmpty { return nil }
            if let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) { return at + newline }
            at += bytes.count
        }
        return nil
    }

    /// Where the first line begins behind this place that is no slice's detail; nil without.
    borrowing func recordStart(from place: Int) throws(Errno) -> Int? {
        var at = place
        while let end = try lineEnd(from: at) {
            at = end + 1
            if !JournalLine.begins(try bytes(at..<at + 32), kind: "detail") { return at }
        }
        return nil
    }

    /// The bytes of a range, those left out that the file does not have.
    borrowing func bytes(_ range: Range<Int>) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, done in
            do throws(Errno) {
                while done < range.count {
                    let rest = UnsafeMutableRawBufferPointer(
                        rebasing: UnsafeMutableRawBufferPointer(buffer)[done...])
                    let count = try read(into: rest, at: range.lowerBound + done)
                    if count == 0 { break }
                    done += count
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
