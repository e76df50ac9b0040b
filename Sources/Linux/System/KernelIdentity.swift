// SPDX-License-Identifier: GPL-3.0-or-later

import CShims
import SystemPackage

/// Which kernel runs, by `uname(2)` and its build id.
public struct KernelIdentity: Sendable, Hashable {
    /// Such as "6.12.1".
    public let release: String
    /// Such as "#1 SMP PREEMPT_DYNAMIC" and when it was built.
    public let version: String
    /// Such as "x86_64".
    public let machine: String
    /// The machine's own name.
    public let hostname: String
    /// The linker's hash over the kernel (`NT_GNU_BUILD_ID`) in hexadecimal; nil if not known.
    public let buildID: String?

    /// The kernel that this process runs on, by `uname(2)` and `/sys/kernel/notes`.
    public static func current() throws(Errno) -> KernelIdentity {
        let names = try SystemFile.names(capacity: 1024) { buffer, capacity in
            cshims_uname(buffer, capacity)
        }
        guard names.count == 4 else { throw .badMessage }
        let notes = try? SystemFile.readBytes("/sys/kernel/notes")
        return KernelIdentity(
            release: names[0], version: names[1], machine: names[2], hostname: names[3],
            buildID: notes.flatMap(buildID(inNotes:)))
    }

    /// Finds the build id among ELF notes of this machine's byte order (`elf(5)`).
    ///
    /// - Returns: lower-case hexadecimal; nil when there is none or the notes are broken.
    public static func buildID(inNotes notes: [UInt8]) -> String? {
        let buildIDType = 3
        var at = 0
        while let nameSize = word(notes, at), let size = word(notes, at + 4),
            let type = word(notes, at + 8)
        {
            let name = at + 12
            let description = name + padded(nameSize)
            guard description + size <= notes.count else { return nil }
            if type == buildIDType, notes[name..<(name + nameSize)].elementsEqual("GNU\0".utf8) {
                return notes[description..<(description + size)].map(hexadecimal).joined()
            }
            at = description + padded(size)
        }
        return nil
    }

    private static func padded(_ size: Int) -> Int { (size + 3) & ~3 }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func word(_ bytes: [UInt8], _ at: Int) -> Int? {
        guard at + 4 <= bytes.count else { return nil }
        return Int(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: UInt32.self) })
    }
}
