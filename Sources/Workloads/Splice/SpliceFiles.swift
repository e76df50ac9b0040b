// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// One job's pipes and files, which have no names.
final class SpliceFiles: @unchecked Sendable {
    // Closed in the agent once the workers have theirs; otherwise unchanged.
    private var pipe: Pipe?
    private var secondPipe: Pipe?
    private var source: Descriptor?
    private var target: Descriptor?

    /// The pipe's ends.
    let reader: CInt
    let writer: CInt
    /// The second pipe's ends, with `tee`.
    let secondReader: CInt
    let secondWriter: CInt
    /// The files; -1 where the mode has none.
    let sourceNumber: CInt
    let targetNumber: CInt
    /// Bytes that fit into a pipe.
    let capacity: Int

    init(
        _ plan: SpliceWorkload, job: Int, directory: String?, pattern: StreamPattern,
        pulse: () -> Void
    ) throws(PlumblineError) {
        let first = try Self.pipe(plan, job: job)
        reader = first.reader.rawValue
        writer = first.writer.rawValue
        capacity = (try? first.size) ?? PipeWorkload.defaultSize
        pipe = consume first
        if plan.mode == .tee {
            let second = try Self.pipe(plan, job: job)
            secondReader = second.reader.rawValue
            secondWriter = second.writer.rawValue
            secondPipe = consume second
        } else {
            (secondReader, secondWriter) = (-1, -1)
        }
        if let directory, plan.mode.readsFile {
            let file = try Self.file("\(job)-source", in: directory, plan)
            do {
                try Self.reserve(file, plan.fileSize, pulse)
                try Self.layOut(file, plan.fileSize, job: job, pattern, pulse)
            } catch {
                throw Self.refused(directory, plan, error)
            }
            sourceNumber = file.rawValue
            source = consume file
        } else {
            sourceNumber = -1
        }
        if let directory, plan.mode.writesFile {
            let file = try Self.file("\(job)-target", in: directory, plan)
            do { try Self.reserve(file, plan.fileSize, pulse) } catch {
                throw Self.refused(directory, plan, error)
            }
            targetNumber = file.rawValue
            target = consume file
        } else {
            targetNumber = -1
        }
    }

    /// Closes everything in this process.
    func close() {
        pipe = nil
        secondPipe = nil
        source = nil
        target = nil
    }

    private static func pipe(_ plan: SpliceWorkload, job: Int) throws(PlumblineError) -> Pipe {
        do {
            let pipe = try Pipe()
            if let size = plan.pipeSize { try pipe.setSize(size) }
            return pipe
        } catch {
            throw PipeRefusal(
                asked: plan.pipeSize, pipes: plan.jobs * (plan.mode == .tee ? 2 : 1), number: job,
                error: error
            ).error
        }
    }

    /// A file without a name: where the file system has no `O_TMPFILE`, one removed at once.
    private static func file(
        _ name: String, in directory: String, _ plan: SpliceWorkload
    ) throws(PlumblineError) -> Descriptor {
        if let file = try? Descriptor.open(directory, [.readWrite, .temporary], mode: 0o600) {
            return file
        }
        let path = "\(directory)/plumbline-splice-\(ChildProcess.currentID)-\(name)"
        do {
            let file = try Descriptor.open(path, [.readWrite, .create, .exclusive], mode: 0o600)
            try SystemFile.unlink(path)
            return file
        } catch {
            throw refused(directory, plan, error)
        }
    }

    /// Writes the job's seeded stream over the whole file.
    ///
    /// - Parameter pulse: called for each MiB.
    private static func layOut(
        _ file: borrowing Descriptor, _ size: Int, job: Int, _ pattern: StreamPattern,
        _ pulse: () -> Void
    ) throws(Errno) {
        let memory = try MappedMemory(bytes: min(size, 1 << 20))
        var at = 0
        while at < size {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: memory.bytes[..<min(memory.bytes.count, size - at)])
            pattern.fill(part, writer: job, position: UInt64(at))
            try file.writeAll(UnsafeRawBufferPointer(part))
            at += part.count
            if Interrupts.pending != nil { throw .interrupted }
            pulse()
        }
    }

    /// Makes the file as long as it will be, with its blocks where the file system can.
    private static func reserve(
        _ file: borrowing Descriptor, _ size: Int, _ pulse: () -> Void
    ) throws(Errno) {
        do { try SpaceWait.reserve(file, size, pulse) } catch {
            if [.noSpace, .fileTooLarge, .interrupted].contains(error) { throw error }
            try file.truncate(to: size)
        }
    }

    /// What to tell the user about a file that could not be made.
    static func refused(
        _ directory: String, _ plan: SpliceWorkload, _ error: Errno
    ) -> PlumblineError {
        let needed = ByteSize(plan.storage?.size ?? 0).approximate
        switch error {
        case .interrupted:
            return PlumblineError(
                .interrupted, "interrupted while laying out files in \(directory)")
        case .noSpace:
            let free = fileSystem(directory).map { ByteSize($0.freeBytes).approximate } ?? "less"
            return .failure(
                "splice: no space in \(directory): \(needed) are needed, \(free) are free",
                remedy: "choose a smaller file_size, fewer jobs, or another directory")
        default:
            return .failure(
                "splice: cannot make files in \(directory): \(error)",
                remedy: "choose a directory that can be written to")
        }
    }

    /// What a directory's file system is and has.
    static func fileSystem(_ directory: String) -> FileSystemFacts? {
        guard let place = try? Descriptor.open(directory, .directory) else { return nil }
        return try? place.filesystem()
    }
}
