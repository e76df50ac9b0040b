// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// Reads and writes descriptors that this process does not own, such as standard input.
public enum RawStream {
    /// Reads once with `read(2)`; a signal that does not end the process does not end the call.
    ///
    /// - Returns: how many bytes came, 0 at the end.
    public static func read(
        into buffer: UnsafeMutableRawBufferPointer, from descriptor: CInt
    ) throws(Errno) -> Int {
        while true {
            do {
                return try checked(
                    cshims_read(descriptor, buffer.baseAddress, UInt64(buffer.count)))
            } catch {
                guard error == .interrupted, Interrupts.pending == nil else { throw error }
            }
        }
    }

    /// Writes all bytes with `write(2)`, across signals.
    public static func writeAll(_ bytes: [UInt8], to descriptor: CInt) throws(Errno) {
        var sent = 0
        while sent < bytes.count {
            do {
                let answer = bytes.withUnsafeBytes {
                    let rest = UnsafeRawBufferPointer(rebasing: $0[sent...])
                    return cshims_write(descriptor, rest.baseAddress, UInt64(rest.count))
                }
                sent += try checked(answer)
            } catch {
                guard error == .interrupted else { throw error }
            }
        }
    }
}
