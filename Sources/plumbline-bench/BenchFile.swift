// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import Machine
import SystemPackage

/// The file that both programs read: on ext4 over zram for root, else in the current directory.
final class BenchFile {
    static let bytes = 512 << 20

    let path: String
    /// The file system and place, for the user.
    let place: String
    private let storage: PreparedStorage

    init() throws(PlumblineError) {
        let isRoot = ChildProcess.userID == 0
        let spec = try StorageSpec(
            text: isRoot ? "zram:ext4" : "directory", size: Self.bytes, writes: true)
        storage = try spec.prepare(undoLog: UndoLog())
        place = isRoot ? "ext4 on zram" : "\(storage.fileSystem) in \(storage.directory ?? "")"
        path = (storage.directory ?? ".") + "/bench.dat"
        do {
            try Self.fill(path)
        } catch {
            _ = storage.remove()
            throw .failure(
                "cannot fill \(path): \(error)", remedy: "free \(ByteSize(Self.bytes)) there")
        }
    }

    /// Writes random bytes, because zram is faster with compressible data.
    private static func fill(_ path: String) throws(Errno) {
        let file = try Descriptor.open(path, [.write, .create, .truncate])
        let chunk = try MappedMemory(bytes: 1 << 20)
        let words = chunk.bytes.bindMemory(to: UInt64.self)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<bytes / chunk.bytes.count {
            for i in words.indices { words[i] = generator.next() }
            try file.writeAll(UnsafeRawBufferPointer(chunk.bytes))
        }
        try file.sync()
        try file.dropCache()
    }

    func remove() {
        try? SystemFile.unlink(path)
        _ = storage.remove()
    }
}
