// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import SystemPackage

/// Looks in the memory cgroup of this process, where it has one, whether pipes' pages are charged
/// to it, and whether all go when the pipes go.
struct PipeAudit {
    private static let pipeSize = FaultWorkload.auditedPipeSize
    /// Bytes by which the rest of the group, page cache under pressure, comes and goes.
    private static let noise = 1 << 20
    /// The kernel's statistics lag behind by up to two seconds.
    private static let timeout: UInt64 = 20_000_000_000

    private let statistics: String
    private let before: Int

    /// Takes the baseline; nil outside a memory cgroup of version 2.
    init?() {
        guard let text = try? SystemFile.read("/proc/self/cgroup"),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }),
            line.count > 4
        else { return nil }
        statistics = "/sys/fs/cgroup\(line.dropFirst(3))/memory.stat"
        guard let now = Self.kernelBytes(statistics) else { return nil }
        before = now
    }

    /// Fills a pipe, and goes on writing to it in vain.
    ///
    /// - Throws: `failure` when its pages are not charged, or when some stay.
    func check() throws(PlumblineError) {
        do throws(Errno) {
            try fill()
        } catch {
            throw .failure("fault: cannot fill a pipe of \(ByteSize(Self.pipeSize)): \(error)")
        }
        guard wait(until: { $0 < before + Self.noise }) else {
            let stays = (Self.kernelBytes(statistics) ?? before) - before
            throw .failure(
                "\(ByteSize(stays).approximate) of the kernel's memory stay charged to the "
                    + "cgroup after every pipe is closed")
        }
    }

    private func fill() throws(Errno) {
        let pipe = try Pipe([.nonblocking])
        try pipe.setSize(Self.pipeSize)
        let memory = try MappedMemory(bytes: 64 << 10)
        var refusals = 0
        while refusals < 2000 {
            do throws(Errno) {
                _ = try pipe.writer.write(UnsafeRawBufferPointer(memory.bytes))
            } catch {
                guard error == .wouldBlock else { throw error }
                refusals += 1
            }
        }
        // 3/4, for the group's other memory may shrink meanwhile.
        guard wait(until: { $0 >= before + Self.pipeSize * 3 / 4 }) else { throw .noData }
    }

    private func wait(until isTrue: (Int) -> Bool) -> Bool {
        let end = Clock.monotonicNanoseconds() + Self.timeout
        while Clock.monotonicNanoseconds() < end {
            if let now = Self.kernelBytes(statistics), isTrue(now) { return true }
            try? Clock.sleep(nanoseconds: 200_000_000)
        }
        return false
    }

    private static func kernelBytes(_ path: String) -> Int? {
        guard let text = try? SystemFile.read(path) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("kernel ") }
        return line.flatMap { Int($0.dropFirst(7)) }
    }
}
