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
        var rest = bytes[...]
        while !rest.isEmpty {
            do {
                let sent = rest.withUnsafeBytes {
                    cshims_write(descriptor, $0.baseAddress, UInt64($0.count))
                }
                rest = rest.dropFirst(try checked(sent))
            } catch {
                guard error == .interrupted else { throw error }
            }
        }
    }
}
