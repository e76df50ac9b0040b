// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import SystemPackage

/// Reads and writes descriptors that belong to somebody else, such as stdin.
enum RawStream {
    /// One read(2); a signal that is not an end is no end.
    static func read(
        into buffer: UnsafeMutableRawBufferPointer, from descriptor: CInt, atMost count: Int
    ) throws(Errno) -> Int {
        while true {
            do {
                return try checked(RawCall.read(descriptor, into: buffer.baseAddress, count: count))
            } catch {
                guard error == .interrupted, Interrupts.pending == nil else { throw error }
            }
        }
    }

    /// Writes everything with write(2), whatever signals come in between.
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) throws(Errno) {
        var rest = bytes
        while !rest.isEmpty {
            do {
                let sent = try checked(
                    RawCall.write(descriptor, from: rest.baseAddress, count: rest.count))
                rest = UnsafeRawBufferPointer(rebasing: rest[sent...])
            } catch {
                guard error == .interrupted else { throw error }
            }
        }
    }
}
