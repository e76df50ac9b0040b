// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// What must be in a file or device before a cell works on it.
enum Contents: String, Sendable {
    /// Every block as laid out: for reads.
    case pristine
    /// Written once, so that writes neither allocate nor hit zeroes; what is in it does not matter.
    case filled
    /// Every block as laid out, just now: for writes that are verified.
    case fresh

    init(_ plan: DirectWorkload) {
        self = !plan.access.writes ? .pristine : plan.verifies ? .fresh : .filled
    }
}

/// The seeded, incompressible contents of a job's region: generation 0 of every block.
///
/// Incompressible, because a device such as zram takes a short cut for zeroes.
struct FileLayout: Sendable {
    /// Changed when the contents change, so that an old file is not taken for a new one.
    static let version: UInt64 = 1
    /// How the names of files of ours begin.
    static let namePrefix = "plumbline-dio-"

    /// Where the region starts in the file or device.
    let base: Int
    let bytes: Int
    /// In every header: tells jobs, seeds and kinds of contents apart.
    let stamp: UInt64

    init(base: Int, bytes: Int, job: Int, seed: UInt64, contents: Contents) {
        self.base = base
        self.bytes = bytes
        let kind: UInt64 = contents == .pristine ? 1 : contents == .filled ? 2 : 3
        let mixed = SplitMix64.mixed(seed) ^ SplitMix64.mixed(Self.version << 8 | kind)
        stamp = SplitMix64.mixed(mixed &+ UInt64(job))
    }

    /// A name that files of other contents do not have.
    func fileName(_ contents: Contents, job: Int) -> String {
        let hash = SplitMix64.mixed(stamp ^ SplitMix64.mixed(UInt64(bytes)))
        return "\(Self.namePrefix)\(contents)-\(String(hash, radix: 16)).\(job)"
    }

    /// The header of the block at an offset.
    func header(at offset: Int) -> BlockHeader {
        BlockHeader(offset: UInt64(offset), generation: 0, stamp: stamp)
    }

    /// Writes the region with large direct writes and brings it to the device.
    ///
    /// - Parameter pulse: called for each MiB; layout of a large file takes a while.
    func write(
        to file: borrowing DirectFile, path: String, pulse: () -> Void
    ) throws(PlumblineError) {
        let chunk = try DirectMemory.map(bytes: min(bytes, 1 << 20))
        var done = 0
        while done < bytes {
            if Interrupts.pending != nil {
                throw PlumblineError(.interrupted, "interrupted while laying out \(path)")
            }
            let part = UnsafeMutableRawBufferPointer(
                rebasing: chunk.bytes[..<min(chunk.bytes.count, bytes - done)])
            header(at: base + done).fill(part)
            do throws(Errno) {
                // A short direct write is continued at an aligned place.
                let moved = try file.descriptor.write(
                    UnsafeRawBufferPointer(part), at: base + done)
                if moved < file.alignment { throw .ioError }
                done += moved / file.alignment * file.alignment
            } catch .interrupted {
                continue
            } catch {
                throw Self.failed(path, error, needs: bytes, file)
            }
            pulse()
        }
        do { try file.descriptor.sync() } catch {
            throw Self.failed(path, error, needs: bytes, file)
        }
    }

    private static func failed(
        _ path: String, _ error: Errno, needs: Int, _ file: borrowing DirectFile
    ) -> PlumblineError {
        guard error == .noSpace else { return .failure("dio: cannot lay out \(path): \(error)") }
        let has = (try? file.descriptor.filesystem().freeBytes) ?? 0
        return DirectErrors.noSpace(path, needs: needs, has: has)
    }

    /// Whether some places of the region hold something; a device's first block may be spoilt.
    func looksFilled(_ file: borrowing DirectFile) -> Bool {
        for offset in sampledOffsets(file) where offset > 0 {
            guard (try? Self.read(file, at: offset, { $0.contains { $0 != 0 } })) == true else {
                return false
            }
        }
        return true
    }

    /// Whether some places of the region, its first and last sectors among them, are as laid out.
    func looksPristine(_ file: borrowing DirectFile) -> Bool {
        for offset in sampledOffsets(file) {
            let expected = header(at: offset)
            guard (try? Self.read(file, at: offset, expected.verdict)) == .intact else {
                return false
            }
        }
        return true
    }

    private func sampledOffsets(_ file: borrowing DirectFile) -> [Int] {
        let unit = max(file.alignment, BlockHeader.sectorBytes)
        let units = bytes / unit
        let places = min(64, units)
        return (0..<places).map { i in
            base + (places == 1 ? 0 : (units - 1) * i / (places - 1)) * unit
        }
    }

    private static func read<Answer>(
        _ file: borrowing DirectFile, at offset: Int, _ body: (UnsafeRawBufferPointer) -> Answer
    ) throws(Errno) -> Answer {
        let unit = max(file.alignment, BlockHeader.sectorBytes)
        let memory = try MappedMemory(bytes: unit)
        let count = try file.descriptor.read(into: memory.bytes, at: offset)
        guard count == unit else { throw .ioError }
        return body(UnsafeRawBufferPointer(memory.bytes))
    }
}
