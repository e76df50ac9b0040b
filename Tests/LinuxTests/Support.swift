// SPDX-License-Identifier: GPL-3.0-or-later

import Linux
import Synchronization
import SystemPackage
import Testing

/// All tests of this module, one after the other: a child forked by one test holds copies of
/// the descriptors of every other.
@Suite(.serialized)
enum Kernel {}

/// A place for a value that another thread sets.
final class Box<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    init(_ value: Value) { storage = Mutex(value) }
    var value: Value {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}

enum Support {
    /// Where tests put files; the package's own directory is on a disk, /tmp may not be.
    static let scratch = "."

    /// `CAP_SYS_ADMIN`, which mounting, swapping and loop devices need.
    static let isAdministrator = hasCapability(21)

    static let needsAdministrator: Comment = "needs CAP_SYS_ADMIN"

    /// Loop devices can be set up here.
    static let hasLoop = isAdministrator && SystemFile.exists("/dev/loop-control")

    static let needsLoop: Comment = "needs CAP_SYS_ADMIN and /dev/loop-control"

    /// The scratch directory's file system refuses misaligned direct I/O.
    static let hasStrictDirectIO = ["ext4", "xfs"].contains(scratchFileSystem)

    static let needsStrictDirectIO: Comment = "needs a scratch directory on ext4 or xfs"

    /// io_uring is not switched off.
    static let hasRing = (try? Ring(Ring.Options(entries: 2))) != nil

    static let needsRing: Comment = "needs io_uring"

    static let scratchFileSystem: String? = try? Descriptor.open(scratch).filesystem().name

    static func hasCapability(_ bit: UInt64) -> Bool {
        guard let status = try? SystemFile.read("/proc/self/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let last = line.split(separator: "\t").last, let bits = UInt64(last, radix: 16)
        else { return false }
        return bits & (1 << bit) != 0
    }

    /// A nameless file for reading and writing.
    static func temporaryFile(in directory: String = scratch) throws(Errno) -> Descriptor {
        try Descriptor.open(directory, [.readWrite, .temporary], mode: 0o600)
    }

    /// A path that opens the file again, with other flags.
    static func path(of file: borrowing Descriptor) -> String { "/proc/self/fd/\(file.rawValue)" }

    /// A name that nothing else uses.
    static func freshPath(_ name: String) -> String {
        "/tmp/plumbline-\(name)-\(ChildProcess.currentID)-\(Clock.monotonicNanoseconds())"
    }

    static func hasKernel(atLeast major: Int, _ minor: Int) throws -> Bool {
        let parts = try KernelIdentity.current().release.split { !$0.isNumber }.prefix(2)
        let numbers = parts.compactMap { Int($0) }
        try #require(numbers.count == 2)
        return (numbers[0], numbers[1]) >= (major, minor)
    }
}

extension Descriptor {
    /// Reads once, up to `count` bytes.
    func readBytes(_ count: Int) throws(Errno) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
        defer { buffer.deallocate() }
        let got = try read(into: buffer)
        return Array(buffer[..<got])
    }

    /// Writes once.
    func writeOnce(_ text: String) throws(Errno) -> Int {
        let bytes = Array(text.utf8)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        return try write(UnsafeRawBufferPointer(buffer))
    }
}
