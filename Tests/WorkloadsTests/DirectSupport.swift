// SPDX-License-Identifier: GPL-3.0-or-later

import Basics
import Cells
import Linux
import Synchronization
import Testing

@testable import Workloads

/// All tests that fork workers, one after the other: a child forked by one holds copies of the
/// descriptors, and of the locks, that every other has.
@Suite(.serialized) enum Slices {}

/// What the tests of direct I/O share.
enum DirectSupport {
    static let isRoot = ChildProcess.userID == 0
    static let needsRoot: Comment = "needs root"
    static let hasLoop = isRoot && SystemFile.exists("/dev/loop-control")
    static let needsLoop: Comment = "needs root and /dev/loop-control"

    static let clock = FastClock.calibrated()

    static func workload(_ settings: [String: SettingValue]) throws -> DirectWorkload {
        try DirectWorkload(
            SettingValues(settings, declared: DirectWorkload.settings, owner: "dio"))
    }

    /// One short slice; run again, twice as long each time, while it is not `done`.
    ///
    /// Without `done` it must have something of each kind of operation: a busy machine may give
    /// a slice's workers no time at all.
    static func slice(
        _ settings: [String: SettingValue], in directory: String? = nil, device: String? = nil,
        milliseconds: Int = 50, hooks: SliceRunner.Hooks = .init(),
        until done: ((SliceCounts) -> Bool)? = nil
    ) throws -> SliceCounts {
        let workload = try workload(settings)
        let environment = WorkloadEnvironment(directory: directory, device: device, seed: 4711)
        return try ShortSlice.repeated(
            milliseconds: milliseconds, hooks: hooks, workload, in: environment,
            until: done ?? { ShortSlice.isWhole($0, tracks: workload.rateTracks) })
    }

    /// What a cell is refused with.
    static func refusal(
        _ settings: [String: SettingValue], in directory: String? = nil, device: String? = nil
    ) throws -> PlumblineError {
        let workload = try workload(settings)
        let environment = WorkloadEnvironment(directory: directory, device: device, seed: 1)
        return try #require(throws: PlumblineError.self) {
            try workload.prepare(in: environment).close()
        }
    }

    /// Runs `body` in a forked process, whose answer is `nil` when all is well.
    static func inChild(_ body: () -> String?) throws -> String {
        let pipe = try Pipe()
        let child = try ChildProcess.fork {
            try? pipe.writer.writeAll(body() ?? "as expected")
            return 0
        }
        _ = try child.wait()
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = try buffer.withUnsafeMutableBytes { try pipe.reader.read(into: $0) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// A directory on a disk, removed with what is in it.
    static func withDirectory<Answer>(_ body: (String) throws -> Answer) throws -> Answer {
        let number = names.wrappingAdd(1, ordering: .relaxed).newValue
        let path = "/tmp/plumbline-dio-test-\(ChildProcess.currentID)-\(number)"
        try SystemFile.makeDirectory(path)
        defer {
            for name in (try? SystemFile.list(path)) ?? [] {
                try? SystemFile.unlink("\(path)/\(name)")
            }
            try? SystemFile.removeDirectory(path)
        }
        return try body(path)
    }

    /// A given file of a size, without holes.
    static func makeFile(_ path: String, bytes: Int) throws {
        let file = try Descriptor.open(path, [.write, .create, .truncate])
        var random = SplitMix64(seed: 3)
        for _ in 0..<bytes / 4096 {
            try file.writeAll((0..<512).flatMap { _ in withUnsafeBytes(of: random.next()) { $0 } })
        }
        try file.writeAll([UInt8](repeating: 1, count: bytes % 4096))
        try file.sync()
    }

    private static let names = Atomic<Int>(0)
}
