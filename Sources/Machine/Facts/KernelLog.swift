// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// The kernel's log from now on.
///
/// Source: Documentation/ABI/testing/dev-kmsg.
package final class KernelLog {
    private static let path = "/dev/kmsg"
    /// More than a record has (`PRINTKRB_RECORD_MAX` of kernel/printk).
    private static let recordBytes = 8192

    private let file: Descriptor
    private var lines: [String] = []

    /// Opens the log, and passes over what is in it.
    ///
    /// - Throws: what `open(2)` says: `notPermitted` or `permissionDenied` without root.
    package init() throws(Errno) {
        file = try Descriptor.open(Self.path, [.read, .nonblocking])
        _ = try newLines()
    }

    /// The lines since the start in which the kernel finds itself wrong.
    ///
    /// - Throws: what `read(2)` says.
    package func complaints() throws(Errno) -> [String] {
        lines += try newLines().filter { KernelComplaint.isIn($0) }
        return lines
    }

    private func newLines() throws(Errno) -> [String] {
        var lines: [String] = []
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.recordBytes, alignment: 1)
        defer { memory.deallocate() }
        while true {
            do throws(Errno) {
                let count = try file.read(into: memory)
                guard count > 0 else { return lines }
                lines.append(Self.text(of: String(decoding: memory[..<count], as: UTF8.self)))
            } catch {
                if error == .wouldBlock { return lines }
                // Records were overwritten before they were read.
                if error != .brokenPipe, error != .interrupted { throw error }
            }
        }
    }

    /// The text of a record: behind the first semicolon, up to the end of the line.
    static func text(of record: String) -> String {
        let text = record.drop { $0 != ";" }.dropFirst()
        return String(text.prefix { $0 != "\n" })
    }
}
