// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// The files that both programs read: on ext4 over zram for root, else in the current directory.
final class BenchFile {
    static let bytes = 512 << 20
    static let zeroBytes = 256 << 20

    /// Random bytes, because zram is faster with compressible data.
    let path: String
    /// Zeros, which zram only writes into the buffer: what is left is the path through the kernel.
    let zeroPath: String
    /// The file system and place, for the user.
    let place: String
    private let storage: PreparedStorage

    init() throws(PlumblineError) {
        let isRoot = ChildProcess.userID == 0
        let spec = try StorageSpec(
            text: isRoot ? "zram:ext4" : "directory", size: Self.bytes + Self.zeroBytes,
            writes: true)
        storage = try spec.prepare(undoLog: UndoLog())
        place = isRoot ? "ext4 on zram" : "\(storage.fileSystem) in \(storage.directory ?? "")"
        let directory = storage.directory ?? "."
        path = "\(directory)/bench.dat"
        zeroPath = "\(directory)/bench-zero.dat"
        var generator = SystemRandomNumberGenerator()
        do {
            try Self.fill(path, bytes: Self.bytes) { generator.next() }
            try Self.fill(zeroPath, bytes: Self.zeroBytes) { 0 }
        } catch {
            _ = storage.remove()
            throw .failure(
                "cannot fill \(path): \(error)", remedy: "free \(ByteSize(Self.bytes)) there")
        }
    }

    private static func fill(
        _ path: String, bytes: Int, with next: () -> UInt64
    ) throws(Errno) {
        let file = try Descriptor.open(path, [.write, .create, .truncate])
        let chunk = try MappedMemory(bytes: 1 << 20)
        let words = chunk.bytes.bindMemory(to: UInt64.self)
        for _ in 0..<bytes / chunk.bytes.count {
            for i in words.indices { words[i] = next() }
            try file.writeAll(UnsafeRawBufferPointer(chunk.bytes))
        }
        try file.sync()
        try file.dropCache()
    }

    func remove() {
        for one in [path, zeroPath] { try? SystemFile.unlink(one) }
        _ = storage.remove()
    }
}
