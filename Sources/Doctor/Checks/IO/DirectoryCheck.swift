// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Linux
import SystemPackage

/// Whether files for direct I/O can be made in the current directory.
enum DirectoryCheck {
    static let spaceTopic = Topic(.directory, "disk", title: "free space")
    static let directTopic = Topic(.directory, "direct_io", title: "direct I/O")

    enum DirectOutcome: Sendable, Equatable {
        /// A block was written past the page cache; what must be aligned to what, in bytes.
        case works(alignment: Int, memory: Int, source: DirectFile.AlignmentSource)
        /// The file could not be made, or the block not written.
        case refused(Errno)
    }

    /// Writes one block with `O_DIRECT` to a nameless file of the directory.
    static func tryOut(_ directory: String) -> DirectOutcome {
        do {
            let file = try DirectFile(directory, [.temporary, .readWrite])
            let block = try MappedMemory(bytes: max(file.alignment, MappedMemory.pageSize))
            let first = UnsafeRawBufferPointer(rebasing: block.bytes[..<file.alignment])
            _ = try file.descriptor.write(first, at: 0)
            return .works(
                alignment: file.alignment, memory: file.memoryAlignment,
                source: file.alignmentSource)
        } catch {
            return .refused(error)
        }
    }

    /// What statfs(2) says of the directory; nil when it cannot be read.
    static func fileSystem(_ directory: String) -> FileSystemFacts? {
        try? Descriptor.open(directory, .directory).filesystem()
    }

    static func spaceFinding(free: Int, total: Int, name: String) -> Finding {
        let fact = "\(ByteSize(free).short) of \(ByteSize(total).short) free on \(name)"
        guard free < 4 << 30 else { return spaceTopic.ok(fact) }
        return spaceTopic.limited(
            fact, consequence: "a suite's files or a guest kernel's source and objects may not fit",
            fix: .advice("run in another directory, or free space here: du -xh . | sort -h | tail"))
    }

    static func directFinding(
        _ outcome: DirectOutcome, name: String, isInMemory: Bool
    ) -> Finding {
        switch outcome {
        case .works where isInMemory:
            return directTopic.missing(
                "\(name) accepts O_DIRECT but copies through memory", consequence: noFiles,
                fix: otherDirectory)
        case .works(let alignment, let memory, let source):
            let fact =
                "\(name): lengths and offsets align to \(alignment) bytes, addresses to \(memory)"
            switch source {
            case .statx: return directTopic.ok("\(fact) (STATX_DIOALIGN)")
            case .blockDevice: return directTopic.ok("\(fact) (the device's block)")
            case .assumed:
                return directTopic.limited(
                    "\(fact), assumed", consequence: "blocks smaller than the device's fail",
                    fix: otherDirectory)
            }
        case .refused(.invalidArgument), .refused(.notSupported):
            return directTopic.missing(
                "\(name) does not support direct I/O", consequence: noFiles, fix: otherDirectory)
        case .refused(let error):
            return directTopic.missing(
                "\(name): cannot create a file: \(error)",
                consequence: "\(noFiles), and journals neither",
                fix: .advice("run in a directory that this user may write to"))
        }
    }

    private static let noFiles = "direct-I/O cells cannot use files in this directory"
    private static let otherDirectory = Remedy.advice(
        "run in a directory on ext4 or XFS, or with storage=zram")
}
